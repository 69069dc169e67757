import { describe } from 'vitest';

import {
  meanVariance,
  type ImageStatistics,
} from '../../../../engine/distillation/regularizers/meanVariance.ts';
import { stack, tensor2d, valueAndGrad } from '../../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../../support/backends.ts';
import { expectClose, Golden } from '../../../support/golden.ts';

describe('the mean–variance regulariser', () => {
  onEachBackend((run) => {
    run('value and gradient are those of the divergence of two normal distributions', async () => {
      const golden = new Golden<{ target: ImageStatistics }>('terms');
      const { value, grad } = valueAndGrad((x) => meanVariance(x, golden.header.target))(
        golden.tensor('in.x'),
      );
      await golden.expectTensor(value, 'meanVariance.value');
      await golden.expectTensor(grad, 'meanVariance.gradient');
    });

    run('is 0 at the target, by hand elsewhere, and finite for a flat image', async () => {
      // Mean 1 and variance 4 in both rows: 1 ± 2.
      const x = tensor2d([
        [3, -1],
        [-1, 3],
      ]);
      const exact = meanVariance(x, { mean: 1, variance: 4 });
      // ½[(4 + (1 − 0)²)/2 − 1 − ln(4/2)] = ½(1.5 − ln 2)
      const other = meanVariance(x, { mean: 0, variance: 2 });
      // The variance is taken as 1e-8: ½[1e-8 − 1 − ln 1e-8] with mean 0 and variance 1.
      const flat = meanVariance(tensor2d([[0, 0]]), { mean: 0, variance: 1 });
      expectClose(await stack([exact, other, flat]).data(), [
        0,
        0.5 * (1.5 - Math.log(2)),
        0.5 * (-1 - Math.log(1e-8)),
      ]);
    });
  });
});
