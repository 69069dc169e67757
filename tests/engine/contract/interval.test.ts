import { expect, test } from 'vitest';
import { endsOf, intervalOf } from '../../../engine/contract/interval.ts';

test('three values: the mean ± 4.303 s/√3', () => {
  // s of 1, 2, 4 is √(7/3).
  const interval = intervalOf([1, 2, 4]);
  expect(interval?.mean).toBeCloseTo(7 / 3, 12);
  expect(interval?.margin).toBeCloseTo((4.303 * Math.sqrt(7 / 3)) / Math.sqrt(3), 12);
  expect(interval?.count).toBe(3);
});

test('equal values have an interval of no width, one value has an endless one', () => {
  expect(intervalOf([2, 2, 2])).toEqual({ mean: 2, margin: 0, count: 3 });
  const single = intervalOf([5]);
  expect(single).toEqual({ mean: 5, margin: null, count: 1 });
  expect(single && endsOf(single)).toEqual({ low: -Infinity, high: Infinity });
});

test('30 values use 29 degrees of freedom, and more are refused', () => {
  const values = Array.from({ length: 30 }, (_, i) => i % 2);
  expect(intervalOf(values)?.margin).toBeCloseTo(2.045 * Math.sqrt(0.25 / 29), 12);
  expect(() => intervalOf([...values, 1])).toThrow(RangeError);
});

test('nothing, or a number that is not finite, has no interval', () => {
  expect(intervalOf([])).toBeUndefined();
  expect(intervalOf([1, NaN, 2])).toBeUndefined();
});
