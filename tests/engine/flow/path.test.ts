import { describe } from 'vitest';

import { interpolate, velocityFromX1 } from '../../../engine/flow/path.ts';
import { tensor1d, tensor2d } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import { families, type ModelHeader } from '../../support/goldenModel.ts';

describe('the path', () => {
  onEachBackend((run) => {
    run.each(families)('x_t of the %s', async (family) => {
      const golden = new Golden<ModelHeader>(`flow-${family}`);
      const t = golden.vector('in.t');
      await golden.expectTensor(interpolate(golden.tensor('in.x1'), golden.tensor('in.noise'), t), 'xt');
    });

    run('the velocity is x1 − noise', async () => {
      const x1 = tensor2d([
        [1, -2],
        [0.5, 4],
      ]);
      const noise = tensor2d([
        [-1, 3],
        [2, 0],
      ]);
      const t = tensor1d([0.25, 0.9]);
      const xt = interpolate(x1, noise, t);
      // 0.25·1 − 0.75, −0.5 + 2.25; 0.45 + 0.2, 3.6
      expectClose(await xt.data(), [-0.5, 1.75, 0.65, 3.6]);
      expectClose(await velocityFromX1(x1, xt, t).data(), [2, -5, -1.5, 4]);
    });
  });
});
