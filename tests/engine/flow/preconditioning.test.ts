import { describe } from 'vitest';

import { predictX1, preconditioning } from '../../../engine/flow/preconditioning.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

describe('preconditioning', () => {
  onEachBackend((run) => {
    run('its factors are those of Karras et al. at x_t/t', async () => {
      const golden = new Golden<ModelHeader>('terms');
      const t = golden.vector('preconditioning.t');
      const { cIn, cSkip, cOut } = preconditioning(t, 2, golden.header.deviation);
      await golden.expectTensor(cIn, 'preconditioning.cIn');
      await golden.expectTensor(cSkip, 'preconditioning.cSkip');
      await golden.expectTensor(cOut, 'preconditioning.cOut');
    });

    run.each(families)('the x1-prediction of the %s', async (family) => {
      const golden = new Golden<ModelHeader>(`flow-${family}`);
      const [xt, t] = [golden.tensor('xt'), golden.vector('in.t')];
      const x1 = predictX1(denoiserOf(golden), golden.named('weights'), xt, t, golden.condition());
      await golden.expectTensor(x1, 'predictX1');
    });
  });
});
