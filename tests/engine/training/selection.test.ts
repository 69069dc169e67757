/** The choice among checkpoints, by distances written down by hand. */
import { expect, test } from 'vitest';
import { selected, selectionSchema, type Selection } from '../../../engine/training/selection.ts';

const through = (distances: readonly number[]) =>
  distances.reduce<Selection | undefined>(
    (before, distance, i) => selected(before, 10 * (i + 1), distance),
    undefined,
  );

test('the nearest is the best, the earlier of two that are equal, and those since are counted', () => {
  expect(through([0.5])).toEqual({ distance: 0.5, best: { step: 10, distance: 0.5 }, since: 0 });
  expect(through([0.5, 0.3, 0.4, 0.3])).toEqual({
    distance: 0.3,
    best: { step: 20, distance: 0.3 },
    since: 2,
  });
  expect(through([0.5, 0.3, 0.4, 0.2])).toMatchObject({ best: { step: 40 }, since: 0 });
});

test('what is not finite is never the best, and survives the way through JSON', () => {
  for (const bad of [NaN, Infinity]) {
    expect(through([0.5, bad])).toMatchObject({ best: { step: 10 }, since: 1 });
    expect(through([bad, 0.5])).toMatchObject({ best: { step: 20 }, since: 0 });
    const kept = through([bad]);
    expect(selectionSchema.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  }
});
