/** The statistics against values worked out by hand. */
import { describe, expect, test } from 'vitest';
import { linearFit } from './linearFit.ts';
import { ratiosOf, spreadOf } from './statistics.ts';

test('the median of an odd and of an even number of values', () => {
  expect(spreadOf([5, 1, 3])).toMatchObject({ median: 3, lowest: 1, highest: 5 });
  expect(spreadOf([10, 2, 4, 8]).median).toBe(6);
  expect(() => spreadOf([])).toThrow('nothing was measured');
});

test('ratios are taken within each round', () => {
  // The machine was half as fast in the second round: the ratio does not notice.
  expect(ratiosOf([1, 2, 1], [2, 4, 4])).toMatchObject({ median: 0.5, lowest: 0.25, highest: 0.5 });
  expect(() => ratiosOf([1], [1, 2])).toThrow('as many rounds');
});

describe('a line through points', () => {
  test('that lie on it', () => {
    const fit = linearFit([8, 16, 64].map((x) => ({ x, y: 0.25 * x + 3 })));
    expect(fit.slope).toBeCloseTo(0.25, 12);
    expect(fit.intercept).toBeCloseTo(3, 12);
    expect(fit.rSquared).toBeCloseTo(1, 12);
  });

  test('that do not', () => {
    // Means 2 and 2; Σdx² = 2, Σdxdy = 1, Σdy² = 2: slope ½, residual 2 − ½, R² = ¼.
    const fit = linearFit([
      { x: 1, y: 1 },
      { x: 2, y: 3 },
      { x: 3, y: 2 },
    ]);
    expect(fit).toEqual({ slope: 0.5, intercept: 1, rSquared: 0.25 });
  });

  test('needs two different x', () => {
    expect(() => linearFit([{ x: 1, y: 1 }])).toThrow('two different x');
  });
});
