import { describe } from 'vitest';

import { fakeScoreLoss } from '../../../engine/distillation/fakeScore.ts';
import { predictX1 } from '../../../engine/flow/preconditioning.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

describe('the fake-score loss', () => {
  onEachBackend((run) => {
    run.each(families)('%s: value and gradients', async (family) => {
      const golden = new Golden<ModelHeader>(`distillation-${family}`);
      const denoiser = denoiserOf(golden);
      const condition = golden.condition();
      const [z, t] = [golden.tensor('in.z'), golden.vector('in.t')];
      const generated = predictX1(denoiser, golden.named('weights.student'), z, t, condition);
      const [noise, tau] = [golden.tensor('in.noiseDM'), golden.vector('in.tauDM')];
      const { loss, gradients } = lossAndGradients(golden.named('weights.fake'), (fake) =>
        fakeScoreLoss(denoiser, fake, generated, noise, tau, condition),
      );
      await golden.expectTensor(loss, 'fake.loss');
      await golden.expectNamed(gradients, 'fake.gradient');
    });
  });
});
