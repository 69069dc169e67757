import { expect, test } from 'vitest';
import { timestepGrid } from '../../engine/contract/timesteps.ts';
import { spread } from '../../renderer/parts/recipe/spread.ts';

test('labels stay where there is room', () => {
  expect(spread([0, 0.25, 0.5], 0.05)).toEqual([0, 0.25, 0.5]);
});

test.each([0.1, 1, 20])("eight steps' labels keep their distance and the row at shift %f", (shift) => {
  const places = spread(timestepGrid(8, shift), 0.05);
  for (const [k, place] of places.entries()) {
    expect(place).toBeGreaterThanOrEqual(-1e-9);
    expect(place).toBeLessThanOrEqual(1);
    if (k > 0) expect(place - (places[k - 1] ?? 0)).toBeGreaterThanOrEqual(0.05 - 1e-9);
  }
});
