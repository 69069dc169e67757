import { expect, test } from 'vitest';
import { presets } from '../../../engine/contract/presets.ts';
import { parseRecipe, recipeSchema } from '../../../engine/contract/recipe.ts';
import { recipeAdvice } from '../../../engine/contract/recipeAdvice.ts';
import { recipeLeaves, recipeProblems } from '../../../engine/contract/recipeProblems.ts';

test('every fault is named at once, with what is asked for', () => {
  const problems = recipeProblems({
    student: { steps: 'many' },
    guidance: { scale: 99, scall: 1 },
    optimizer: { learningRate: 0 },
    renoising: 'hybrid',
  });
  expect(Object.fromEntries(problems.map(({ path, message }) => [path, message]))).toEqual({
    'student.steps': 'This needs a whole number from 1 to 8.',
    'guidance.scale': 'This needs a number from 1 to 30.',
    'guidance.scall': 'This is not a setting.',
    'optimizer.learningRate': 'This needs a number above 0, at most 0.1.',
    renoising: 'This needs settings by name.',
  });
});

test('rules across fields are judged when each field is right', () => {
  const off = { weight: 0 };
  const paths = recipeProblems({
    cfgAugmentation: { ...off, rangeMin: 0.5, rangeMax: 0.5 },
    distributionMatching: off,
  }).map(({ path }) => path);
  expect(paths).toEqual(['cfgAugmentation.rangeMin', 'cfgAugmentation.weight']);
  expect(recipeProblems({})).toEqual([]);
});

test('bounds and defaults of every field are those that the schema holds to', () => {
  for (const { path, bounds, schema } of recipeLeaves) {
    if (bounds.kind !== 'number') continue;
    expect(schema.parse(undefined), path).toBe(bounds.default);
    expect(schema.safeParse(bounds.minimum).success, path).toBe(!bounds.above);
    expect(schema.safeParse(bounds.maximum).success, path).toBe(true);
    expect(schema.safeParse(bounds.minimum - 1).success, path).toBe(false);
    expect(schema.safeParse(bounds.maximum + 1).success, path).toBe(false);
  }
  expect(recipeLeaves.find(({ path }) => path === 'renoising.schedule')?.bounds).toMatchObject({
    kind: 'choice',
    default: recipeSchema.parse({}).renoising.schedule,
  });
});

test('the usual recipe needs no advice, and ablations are explained where they are set', () => {
  const adviceOf = (preset: keyof typeof presets) =>
    recipeAdvice(parseRecipe(presets[preset].recipe)).map(({ path }) => path);
  expect(adviceOf('oneStep')).toEqual([]);
  expect(adviceOf('fourSteps')).toEqual([]);
  expect(adviceOf('ordinaryDmd')).toEqual(['renoising.schedule']);
  expect(adviceOf('spearAlone')).toEqual(['distributionMatching.weight']);
  expect(adviceOf('shieldAlone')).toEqual(['cfgAugmentation.weight']);
  expect(adviceOf('meanVarianceShield')).toEqual([]);
  expect(adviceOf('ganShield')).toEqual([]);
  expect(adviceOf('dmd2')).toEqual(['renoising.schedule']);
});

test('advice stands on existing fields only', () => {
  const strange = parseRecipe({
    student: { steps: 8, shift: 0.1 },
    guidance: { scale: 20 },
    cfgAugmentation: { rangeMin: 0.7, rangeMax: 0.8 },
    distributionMatching: { rangeMin: 0.4, rangeMax: 0.6 },
    fakeScore: { learningRate: 1e-6, stepsPerStudentStep: 12 },
    optimizer: { learningRate: 1e-3, beta1: 0.9 },
    training: { iterations: 500, checkpointEvery: 1000 },
  });
  const paths = recipeAdvice(strange).map(({ path }) => path);
  expect(paths).toHaveLength(11);
  const known = recipeLeaves.map(({ path }) => path);
  expect(paths.filter((path) => !known.includes(path))).toEqual([]);
});
