import { expect } from 'vitest';

import { assertNoLeaks } from '../../../engine/tensor/memory.ts';
import { packScalars, readScalars } from '../../../engine/tensor/scalars.ts';
import { scalar, tidy } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';

onEachBackend((run) => {
  run('scalars of several steps come back by their names, and nothing stays behind', async () => {
    await assertNoLeaks(async () => {
      const student = tidy(() => packScalars({ loss: scalar(0.25), gradient_norm: scalar(-3) }));
      const fake = tidy(() => packScalars({ loss: scalar(8) }));
      expect(Object.values(student)).toHaveLength(1);
      const ends = [() => student, () => fake];
      expect(await readScalars(ends)).toEqual([{ loss: 0.25, gradient_norm: -3 }, { loss: 8 }]);
      const again = tidy(() => packScalars({ loss: scalar(8) }));
      expect(await readScalars([() => again])).toEqual([{ loss: 8 }]);
    });
  });

  run('a number that is not finite arrives as it is', async () => {
    const packed = tidy(() => packScalars({ good: scalar(1), bad: scalar(NaN), large: scalar(Infinity) }));
    expect(await readScalars([() => packed])).toEqual([{ good: 1, bad: NaN, large: Infinity }]);
  });
});
