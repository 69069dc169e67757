/** The shared loop under supervision: what it ends with, when it ends, and that kills change neither. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { createResidentState } from '../../../engine/tensor/residentState.ts';
import { dispose, tensor } from '../../../engine/tensor/tf.ts';
import { readCheckpoint } from '../../../engine/training/checkpoint.ts';
import { listCheckpoints, newestVerified } from '../../../engine/training/checkpointFolder.ts';
import { runTraining, type Supervision, type Trainable } from '../../../engine/training/trainingRun.ts';

let runFolder: string;
beforeAll(async () => {
  await activateBackend('wasm');
});
beforeEach(async () => {
  runFolder = await mkdtemp(path.join(tmpdir(), 'training-run-'));
});
afterEach(() => rm(runFolder, { recursive: true }));

/** One weight that counts the iterations. */
function counting(): Trainable & { weight(): number } {
  const initial = { w: tensor([0]), m: tensor([0]) };
  const state = createResidentState(initial);
  dispose(initial);
  return {
    state,
    saved: { weights: ['w'], optimizer: ['m'] },
    iterate(iteration) {
      const next = { w: tensor([iteration + 1]) };
      state.write(next);
      dispose(next);
      return Promise.resolve({ loss: 1 });
    },
    weight() {
      const tensors = state.read(['w']);
      const value = tensors['w']?.dataSync()[0] ?? NaN;
      dispose(tensors);
      return value;
    },
  };
}

/** Distances at the iterations 10, 20, …: nearest at 30. */
const distances = [0.9, 0.5, 0.2, 0.4, 0.3, 0.7, 0.8, 0.9];

interface Given extends Partial<Pick<Supervision, 'patience' | 'chooseBest' | 'from'>> {
  /** Pauses after so many iterations of this process. */
  readonly pauseAfter?: number;
}

/** Goes on from what lies in the folder, as a new process would. */
async function train({ patience = 0, chooseBest = true, from: wholeFrom = 0, pauseAfter }: Given) {
  const trainable = counting();
  const { checkpoint } = await newestVerified(runFolder);
  const from = checkpoint && (await readCheckpoint(checkpoint.folder));
  const stop = new AbortController();
  const measured: number[] = [];
  const bests: (string | undefined)[] = [];
  const begin = from?.state.step ?? 0;
  const outcome = await runTraining(trainable, {
    ...{ runFolder, iterations: 80, checkpointEvery: 10, sampleEvery: 1000, signal: stop.signal },
    ...(from && { from }),
    description: {},
    supervision: {
      ...{ patience, chooseBest, from: wholeFrom },
      measure: () => Promise.resolve(distances[trainable.weight() / 10 - 1] ?? NaN),
    },
    onMetrics(iteration, metrics) {
      if (metrics['distance'] !== undefined) measured.push(metrics['distance']);
      if (iteration - begin === pauseAfter) stop.abort();
    },
    onCheckpoint: (_checkpoint, best) => {
      bests.push(best);
    },
    onSample: () => undefined,
  });
  return { ...outcome, weight: trainable.weight(), measured, bests };
}

const stepsOnDisk = async () => (await listCheckpoints(runFolder)).checkpoints.map(({ step }) => step);

test('the best checkpoint outlives pruning, and its weights are those at the end', async () => {
  const { iteration, completed, weightsOf, weight, measured, bests } = await train({});
  expect({ iteration, completed, weightsOf, weight }).toEqual({
    ...{ iteration: 80, completed: true, weightsOf: 30, weight: 30 },
  });
  expect(measured).toEqual(distances);
  expect(await stepsOnDisk()).toEqual([80, 70, 60, 30]);
  // The third was the best when it was saved, and ever after.
  expect(bests.slice(2)).toEqual(Array.from({ length: 6 }, () => bests[2]));
  expect(new Set(bests).size).toBe(3);
});

test('without the choice it ends with the last, and still knows the best', async () => {
  expect(await train({ chooseBest: false })).toMatchObject({
    ...{ weightsOf: 80, weight: 80, selection: { best: { step: 30, distance: 0.2 }, since: 5 } },
  });
});

test('patience ends the run as completed', async () => {
  const { iteration, completed, weight } = await train({ patience: 2 });
  expect({ iteration, completed, weight }).toEqual({ iteration: 50, completed: true, weight: 30 });
  expect(await train({ patience: 2 })).toMatchObject({
    iteration: 50,
    completed: true,
    weight: 30,
    measured: [],
  });
});

test('pauses at any moment, on a checkpoint or between two, change no decision', async () => {
  for (const pauseAfter of [1, 7, 10, 13]) {
    await rm(path.join(runFolder, 'checkpoints'), { recursive: true, force: true });
    const measured: number[] = [];
    let outcome = await train({ patience: 3, pauseAfter });
    measured.push(...outcome.measured);
    while (!outcome.completed) {
      outcome = await train({ patience: 3, pauseAfter });
      measured.push(...outcome.measured);
    }
    expect(measured).toEqual(distances.slice(0, 6));
    expect(outcome).toMatchObject({ iteration: 60, weightsOf: 30, weight: 30 });
  }
});

test('a best checkpoint that is damaged is not put back, and the outcome says whose weights there are', async () => {
  await train({ pauseAfter: 45 });
  const best = (await listCheckpoints(runFolder)).checkpoints.find(({ step }) => step === 30);
  const file = path.join(best?.folder ?? '', 'weights.safetensors');
  const { size } = await stat(file);
  await writeFile(file, Buffer.alloc(size, 1));
  expect(await train({})).toMatchObject({ completed: true, weightsOf: 80, weight: 80 });
});

test('a run begun from a later checkpoint, as a fork is, chooses anew', async () => {
  await train({ pauseAfter: 50 });
  const best = (await listCheckpoints(runFolder)).checkpoints.find(({ step }) => step === 30);
  await rm(best?.folder ?? '', { recursive: true });
  expect(await train({})).toMatchObject({ selection: { best: { step: 60, distance: 0.7 } }, weight: 60 });
});

test('before its last phase a run is neither measured nor ended, and its checkpoints are not chosen', async () => {
  // 0.2 at 30 would be the best of all, and patience 1 would have ended the run at 40.
  for (const pauseAfter of [undefined, 15]) {
    await rm(path.join(runFolder, 'checkpoints'), { recursive: true, force: true });
    const measured: number[] = [];
    let outcome = await train({ from: 40, patience: 2, ...(pauseAfter && { pauseAfter }) });
    measured.push(...outcome.measured);
    while (!outcome.completed) {
      outcome = await train({ from: 40, patience: 2, ...(pauseAfter && { pauseAfter }) });
      measured.push(...outcome.measured);
    }
    expect(measured).toEqual([0.3, 0.7, 0.8]);
    expect(outcome).toMatchObject({ iteration: 70, weightsOf: 50, weight: 50 });
  }
});
