import { expect, test } from 'vitest';
import { parseRecipe } from '../../../engine/contract/recipe.ts';
import {
  stageAt,
  studentSampling,
  trainingParts,
  wholeFrom,
} from '../../../engine/contract/studentSampling.ts';

const progressive = parseRecipe({
  method: 'progressive',
  student: { steps: 2, shift: 1 },
  progressive: { stages: 3 },
  training: { iterations: 10 },
});

test('stages halve the steps and share the iterations', () => {
  const stages = Array.from({ length: 10 }, (_, iteration) => stageAt(progressive, iteration));
  expect(stages.map(({ steps }) => steps)).toEqual([8, 8, 8, 4, 4, 4, 4, 2, 2, 2]);
  expect(stages.map(({ firstIteration }) => firstIteration)).toEqual([0, 0, 0, 3, 3, 3, 3, 7, 7, 7]);
  expect(stageAt(progressive, 3)).toEqual({ index: 1, firstIteration: 3, iterations: 4, steps: 4 });
});

test('a student samples with the steps of the stage that it is trained for, by its own flow', () => {
  expect(studentSampling(progressive, 0).times).toHaveLength(8);
  expect(studentSampling(progressive, 3).times).toHaveLength(8);
  expect(studentSampling(progressive, 4).times).toHaveLength(4);
  expect(studentSampling(progressive, 10)).toEqual({ times: [0, 0.5], solver: 'ode' });
  expect(studentSampling(parseRecipe({ method: 'consistency' }), 5)).toEqual({
    times: [0],
    solver: 're-noise',
  });
});

test('a student is whole in its last stage or phase, and any other from the beginning', () => {
  expect(trainingParts(progressive)).toEqual([0, 3, 7]);
  const phased = parseRecipe({
    method: 'phased',
    student: { steps: 4 },
    phased: { phases: 4 },
    training: { iterations: 10 },
  });
  expect(trainingParts(phased)).toEqual([0, 3, 5, 8]);
  expect(
    [progressive, phased, parseRecipe({}), parseRecipe({ method: 'consistency' })].map(wholeFrom),
  ).toEqual([7, 8, 0, 0]);
});
