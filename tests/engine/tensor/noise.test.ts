import { describe, expect } from 'vitest';

import { normalNoises } from '../../../engine/tensor/noise.ts';
import { randomNormal, type RandomKey } from '../../../engine/tensor/random.ts';
import { onEachBackend } from '../../support/backends.ts';

describe('noise on the device', () => {
  onEachBackend((run) => {
    // Lengths that are drawn on the host and by the device's own operation.
    for (const shape of [[2], [16, 16, 3]]) {
      run(
        `of shape [${shape.join(', ')}] is the host's for each key, wherever it stands in the batch`,
        () => {
          const keys = [3, 1, 2].map((step): RandomKey => ({ seed: 9, purpose: 'sample', step, index: 4 }));
          const noise = normalNoises(keys, shape);
          expect(noise.shape).toEqual([3, ...shape]);
          const length = shape.reduce((a, b) => a * b, 1);
          const expected = keys.flatMap((key) => [...randomNormal(key, length)]);
          const actual = noise.dataSync();
          noise.dispose();
          expect(Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] ?? NaN))))).toBeLessThan(
            1e-5,
          );
        },
      );
    }
  });
});
