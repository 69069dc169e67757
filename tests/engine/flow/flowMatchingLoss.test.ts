import { describe } from 'vitest';

import { flowMatchingLoss } from '../../../engine/flow/flowMatchingLoss.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

describe('the flow-matching loss', () => {
  onEachBackend((run) => {
    run.each(families)('value and gradients of the %s are those of ‖x̂1 − x1‖²/c_out²', async (family) => {
      const golden = new Golden<ModelHeader>(`flow-${family}`);
      const denoiser = denoiserOf(golden);
      const [x1, noise, t] = [golden.tensor('in.x1'), golden.tensor('in.noise'), golden.vector('in.t')];
      const condition = golden.condition();
      const { loss, gradients } = lossAndGradients(golden.named('weights'), (parameters) =>
        flowMatchingLoss(denoiser, parameters, x1, noise, t, condition),
      );
      await golden.expectTensor(loss, 'loss');
      await golden.expectNamed(gradients, 'gradient');
    });
  });
});
