/** The choice among checkpoints, by distances written down by hand. */
import { expect, test } from 'vitest';
import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import {
  selected,
  selectionAt,
  selectionSchema,
  type Selection,
} from '../../../engine/training/selection.ts';

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

test('what goes on keeps its choice; a fork has its best to beat as long as both measure alike, and time anew', () => {
  const selection: Selection = { distance: 0.4, best: { step: 20, distance: 0.3 }, since: 2 };
  const parent = { name: 'Parent', teacher: '/once/teacher', student: { steps: 4 } } satisfies RecipeInput;
  const told = (recipe: RecipeInput, teacher: string) => ({ recipe: parseRecipe(recipe), teacher });
  const at = (recipe: RecipeInput, teacher = 'sha of the teacher') =>
    selectionAt({ ...told(parent, 'sha of the teacher'), selection }, told(recipe, teacher));
  expect(at(parent)).toEqual(selection);
  expect(at({ ...parent, teacher: '/moved/teacher' })).toEqual(selection);
  expect(selectionAt({}, told(parent, 'sha of the teacher'))).toBeUndefined();

  const fork = { ...parent, name: 'Fork', distributionMatching: { weight: 2 } };
  expect(at(fork)).toEqual({ ...selection, since: 0 });
  expect(at({ ...fork, teacher: '/moved/teacher' })).toEqual({ ...selection, since: 0 });
  expect(at({ ...fork, method: 'consistency' })).toEqual({ ...selection, since: 0 });
  const otherDistances: RecipeInput[] = [
    { data: 'classes' },
    { student: { steps: 2 } },
    { guidance: { scale: 4 } },
    { cfgAugmentation: { weight: 0 } },
    { method: 'phased' },
  ];
  for (const changes of otherDistances) expect(at({ ...fork, ...changes })).toBeUndefined();
  expect(at(fork, 'sha of another')).toBeUndefined();
});
