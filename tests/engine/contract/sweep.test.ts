import { describe, expect, test } from 'vitest';
import { withChanges } from '../../../engine/contract/recipeChanges.ts';
import { cellsOf, variantsOf, type Sweep } from '../../../engine/contract/sweep.ts';

const sweep: Sweep = {
  name: 'Sweep',
  experiment: null,
  recipe: { teacher: 'toy', data: 'toy', student: { steps: 4 } },
  variants: variantsOf({ 'fakeScore.learningRate': [1e-4, 3e-4], 'student.steps': [1, 2] }),
  baselines: [{ key: 'teacher', name: 'Teacher', steps: 4, guidance: 2.5 }],
  seeds: [7, 8],
  measuring: { count: 64, taus: [] },
};

describe('the cells of a sweep', () => {
  test('are all combinations with every seed, seed after seed, under readable names', () => {
    const cells = cellsOf(sweep);
    expect(cells.map(({ variant, seed }) => [variant, seed]).slice(0, 6)).toEqual([
      ['teacher', 7],
      ['Fake-score learning rate 1e-4 · Steps 1', 7],
      ['Fake-score learning rate 1e-4 · Steps 2', 7],
      ['Fake-score learning rate 3e-4 · Steps 1', 7],
      ['Fake-score learning rate 3e-4 · Steps 2', 7],
      ['teacher', 8],
    ]);
    expect(cells).toHaveLength(10);
    expect(cells[2]?.recipe).toMatchObject({
      seed: 7,
      student: { steps: 2, shift: 2 },
      fakeScore: { learningRate: 1e-4 },
    });
  });

  test('are refused for an unknown field, with the nearest one that there is', () => {
    expect(() => variantsOf({ 'fakeScore.learningrate': [1] })).toThrow(
      'The recipe has no field “fakeScore.learningrate”; the nearest is fakeScore.learningRate.',
    );
    expect(() => variantsOf({ 'guidence.scale': [1] })).toThrow('the nearest is guidance.scale');
    const variants = [{ key: 'a', name: 'a', changes: { 'student.step': 1 } }];
    expect(() => cellsOf({ ...sweep, variants })).toThrow('the nearest is student.steps');
  });

  test('are refused for a value that the recipe refuses, before anything runs', () => {
    const variants = variantsOf({ 'student.steps': [1, 9] });
    expect(() => cellsOf({ ...sweep, variants })).toThrow(/field student\.steps is not valid/);
  });

  test('are refused where there are none, or more than anybody waits for', () => {
    expect(() => cellsOf({ ...sweep, variants: [], baselines: [] })).toThrow('and this one 0');
    const rates = Array.from({ length: 600 }, (_, i) => (i + 1) * 1e-5);
    const variants = variantsOf({ 'optimizer.learningRate': rates });
    expect(() => cellsOf({ ...sweep, variants })).toThrow('and this one 1202');
  });
});

test('changes make the sections that they need and leave the recipe that they were given', () => {
  const recipe = { student: { steps: 4 } };
  expect(withChanges(recipe, { 'student.shift': 3, 'guidance.scale': 2, name: 'New' })).toEqual({
    student: { steps: 4, shift: 3 },
    guidance: { scale: 2 },
    name: 'New',
  });
  expect(recipe).toEqual({ student: { steps: 4 } });
  expect(() => withChanges({ name: 'x' }, { 'name.first': 1 })).toThrow('no field “name.first”');
});
