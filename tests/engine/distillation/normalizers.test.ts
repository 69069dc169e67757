import { describe } from 'vitest';

import { normalizers } from '../../../engine/contract/recipe.ts';
import { normalize } from '../../../engine/distillation/normalizers.ts';
import { fill, tensor1d, tensor2d } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';

describe('normalisers', () => {
  onEachBackend((run) => {
    run.each(normalizers)('%s', async (kind) => {
      const golden = new Golden('terms');
      const [real, tau] = [golden.tensor('in.real'), golden.vector('in.tau')];
      const scaled = normalize(golden.tensor('dm'), kind, golden.tensor('in.x'), real, tau);
      await golden.expectTensor(scaled, `normalised.${kind}`);
    });

    run('never divide by less than 0.001', async () => {
      const [direction, x] = [tensor2d([[1, -2]]), fill([1, 2], 0.5)];
      for (const kind of ['per-sample', 'time'] as const) {
        expectClose(await normalize(direction, kind, x, x, tensor1d([1])).data(), [1000, -2000], kind);
      }
    });
  });
});
