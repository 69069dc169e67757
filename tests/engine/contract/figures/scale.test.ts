import { expect, test } from 'vitest';
import { linearAxis, tickText } from '../../../../engine/contract/figures/scale.ts';

test('an axis ends at round numbers beyond the values and places them in proportion', () => {
  const { ticks, place } = linearAxis([0.13, 0.97], 0, 100);
  expect(ticks).toEqual([0, 0.5, 1]);
  expect([place(0), place(0.25), place(1)]).toEqual([0, 25, 100]);
  expect(linearAxis([-3, 8, NaN], 200, 0).ticks).toEqual([-5, 0, 5, 10]);
});

test('one value, or none, still has an axis around it', () => {
  const { ticks, place } = linearAxis([4, 4], 0, 10);
  expect(ticks[0]).toBeLessThan(4);
  expect(place(4)).toBeGreaterThan(0);
  expect(linearAxis([], 0, 10).ticks).toEqual([0, 0.5, 1]);
});

test('marks are written as people write numbers', () => {
  expect([0, 0.05, 1200, 3e-4, 2e6].map(tickText)).toEqual(['0', '0.05', '1200', '3e-4', '2e+6']);
});
