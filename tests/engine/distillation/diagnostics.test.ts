import { describe, expect } from 'vitest';

import { rms, sampleStatistics, velocityAgreement } from '../../../engine/distillation/diagnostics.ts';
import { tensor1d, tensor2d } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';

// distillStep.test.ts holds the same numbers of whole updates against torch.
describe('diagnostics', () => {
  onEachBackend((run) => {
    run('of samples, by hand', async () => {
      const {
        x_mean: mean,
        x_std: deviation,
        out_of_range: out,
      } = sampleStatistics(tensor2d([[3, -1, 0.5, -0.5]]));
      expect((await mean.data())[0]).toBeCloseTo(0.5, 6);
      // Squared distances from ½: 6.25, 2.25, 0, 1.
      expect((await deviation.data())[0]).toBeCloseTo(Math.sqrt(9.5 / 4), 6);
      // Only 3 lies outside: the border −1 does not.
      expect((await out.data())[0]).toBe(0.25);
      expect((await rms(tensor1d([3, 4])).data())[0]).toBeCloseTo(Math.sqrt(12.5), 6);
    });

    run('of the fake score: alike, opposed, and at a right angle', async () => {
      const xTau = tensor2d([[0, 0]]);
      const tau = tensor1d([0.5]); // velocities are twice the predictions
      const real = tensor2d([[1, 2]]);
      const cases = [
        { fake: [1, 2], gap: 0, cosine: 1 },
        { fake: [-1, -2], gap: 2, cosine: -1 },
        { fake: [-2, 1], gap: Math.SQRT2, cosine: 0 },
      ];
      for (const { fake, gap, cosine } of cases) {
        const agreement = velocityAgreement(real, tensor2d([fake]), xTau, tau);
        expect((await agreement.dm_rel_gap.data())[0]).toBeCloseTo(gap, 5);
        expect((await agreement.dm_cos.data())[0]).toBeCloseTo(cosine, 5);
      }
    });
  });
});
