import { describe, expect, it } from 'vitest';
import { permutation } from '../../../engine/data/permutation.ts';

describe('permutation', () => {
  it('holds each index once, differs between epochs and seeds, and repeats', () => {
    const order = permutation(1, 0, 1_000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(permutation(1, 0, 1_000)).toEqual(order);
    expect(permutation(1, 1, 1_000)).not.toEqual(order);
    expect(permutation(2, 0, 1_000)).not.toEqual(order);
  });

  it('is uniform: the six orders of three are about equally frequent', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6_000; epoch++) {
      const order = permutation(3, epoch, 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // χ² with 5 degrees of freedom exceeds 20.5 once in a thousand.
    const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });
});
