import { expect, test } from 'vitest';
import { chanceOfEquals } from '../../../electron/store/blindStatistics.ts';

// By hand: sums of binomial coefficients over 2^n.
test.each([
  [0, 0, 1],
  [1, 0, 1],
  [5, 0, 2 / 32],
  [9, 1, (2 * (1 + 10)) / 1024],
  [2, 8, (2 * (1 + 10 + 45)) / 1024],
  [5, 5, 1],
  [6, 5, 1],
])('%i against %i', (first, second, chance) => {
  expect(chanceOfEquals(first, second)).toBeCloseTo(chance, 12);
});

test('of a thousand judgements neither overflows nor vanishes', () => {
  // Exact sum in Python: sum(comb(1000, k) for k outside 451…549) / 2**1000
  expect(chanceOfEquals(550, 450)).toBeCloseTo(0.0017305360849763, 12);
});
