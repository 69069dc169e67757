import { expect, test } from 'vitest';
import { secondsOf, teacherKey, unknownWork, workKey } from '../../../../electron/features/sweeps/costs.ts';
import { cellsOf, type Sweep } from '../../../../engine/contract/sweep.ts';

const backend = { name: 'tensorflow', version: '1', device: 'cpu' };
const sweep: Sweep = {
  ...{ name: 'Sweep', experiment: null, seeds: [1, 2], measuring: { count: 64, taus: [] } },
  recipe: {
    ...{ teacher: 'toy', data: 'toy' },
    guidance: { scale: 3.5 },
    training: { iterations: 100, sampleEvery: 30, checkpointEvery: 50 },
  },
  variants: [
    { key: 'one', name: 'one', changes: { 'student.steps': 1 } },
    { key: 'four', name: 'four', changes: { 'student.steps': 4 } },
    // The learning rate costs nothing: the same kind of work.
    { key: 'fast', name: 'fast', changes: { 'student.steps': 4, 'optimizer.learningRate': 1e-3 } },
  ],
  baselines: [
    { key: 'teacher', name: 'teacher', steps: 4, guidance: 2.5 },
    { key: 'unguided', name: 'unguided', steps: 4, guidance: 1 },
    { key: 'reference', name: 'reference', steps: 50, guidance: 3.5 },
  ],
};
const teacher = {
  [teacherKey(backend, sweep)]: { referenceSeconds: 10, sampleSeconds: 0.5, evaluationSeconds: 0.1 },
};
const run = { startSeconds: 2, iterationSeconds: 0.5, frameSeconds: 1, saveSeconds: 3 };

test('each kind of run is asked for once', () => {
  const works = unknownWork(backend, sweep, {});
  expect([...works.values()].map(({ student }) => student.steps)).toEqual([1, 4]);
  const [first = ''] = works.keys();
  expect(unknownWork(backend, sweep, { [first]: run }).size).toBe(1);
});

test('the time is not known before all costs are', () => {
  expect(secondsOf(backend, sweep, {})).toBeUndefined();
  expect(secondsOf(backend, sweep, teacher)).toBeUndefined();
});

test('the time is that of all runs with their pictures and checkpoints, references and teachers', () => {
  const works = cellsOf(sweep).flatMap(({ recipe }) => (recipe ? [workKey(backend, recipe, sweep)] : []));
  const costs = { ...teacher, ...Object.fromEntries(works.map((key) => [key, run])) };
  // 2 + 100 × 0.5 + (the first and 4 more) × 1 + 2 × 3; the teacher's samples take 8 evaluations, 4, and the reference's.
  const aRun = 2 + 50 + 5 + 6;
  expect(secondsOf(backend, sweep, costs)).toBeCloseTo(
    6 * aRun + 2 * 10 + 2 * (0.5 + 0.8 + (0.5 + 0.4) + 0.5),
    10,
  );
  const open = cellsOf(sweep).slice(-1);
  expect(secondsOf(backend, sweep, costs, open)).toBeCloseTo(aRun + 10, 10);
  // The last cell is of the second seed.
  expect(secondsOf(backend, sweep, costs, open, [1])).toBeCloseTo(aRun + 10, 10);
  expect(secondsOf(backend, sweep, costs, open, [1, 2])).toBeCloseTo(aRun, 10);
});
