/** Baselines on the bundled toy: they come nearer to the guided teacher, and their models sample as they were trained to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';

import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { classSlicedWasserstein } from '../../../engine/metrics/slicedWasserstein.ts';
import type { Samples } from '../../../engine/sampling/sampler.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { readCheckpoint, type CheckpointContents } from '../../../engine/training/checkpoint.ts';
import { listCheckpoints } from '../../../engine/training/checkpointFolder.ts';
import {
  openDistillation,
  studentInfo,
  type DistillationJob,
} from '../../../engine/training/distillationJob.ts';
import { readModel, writeModel } from '../../../engine/training/modelFile.ts';
import { runTraining } from '../../../engine/training/trainingRun.ts';
import { createModelSampler } from '../../../engine/training/modelSampler.ts';
import { expectClose } from '../../support/golden.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

const count = 512;
const classes = Int32Array.from({ length: count }, (_, i) => i % 8);
const request = (seed: number) => ({ seed, count, condition: { classes } });
const labelled = ({ values }: Samples) => ({ points: { values, count, width: 2 }, classes });

const common = {
  teacher: 'toy',
  data: 'toy',
  training: { iterations: 300, batch: 256 },
} satisfies RecipeInput;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baseline-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('baselines on the toy', () => {
  nativeTest.each<[string, RecipeInput, number]>([
    ['consistency', { student: { steps: 1, shift: 1 }, optimizer: { learningRate: 1e-3, beta1: 0.9 } }, 0.6],
    [
      'progressive',
      {
        student: { steps: 4, shift: 1 },
        progressive: { stages: 2 },
        optimizer: { learningRate: 1e-3, beta1: 0.9 },
      },
      0.5,
    ],
  ])('%s', async (method, own, share) => {
    await activateBackend('tensorflow');
    const recipe = parseRecipe({ ...common, ...own, method });
    const job = await openDistillation(recipe);
    const guided = labelled(await job.sampler().teacher(request(1), { steps: 20, guidance: 2.5 }));
    const { times } = job.sampling;
    const untrained = labelled(await job.sampler().student(request(2), times.slice(0, 1)));
    for (let i = 0; i < recipe.training.iterations; i++) await job.iterate(i);
    const sample = await job.sample(request(2));
    expect(sample.evaluations).toBe(recipe.student.steps);
    expect(classSlicedWasserstein(labelled(sample), guided)).toBeLessThan(
      share * classSlicedWasserstein(untrained, guided),
    );

    const target = path.join(folder, method);
    await writeModel(target, studentInfo(job, {}), job.studentWeights());
    const sampler = createModelSampler(await readModel(target), { steps: 50, guidance: 1 });
    expectClose((await sampler.generate(request(2))).values, sample.values);
    sampler.dispose();
    job.dispose();
  });

  nativeTest('a progressive run that is resumed looks at its student as its stage has it', async () => {
    await activateBackend('tensorflow');
    const recipe = parseRecipe({
      ...common,
      ...{ method: 'progressive', student: { steps: 2, shift: 1 }, progressive: { stages: 2 } },
      training: { iterations: 4, batch: 8 },
    });
    const runFolder = path.join(folder, 'resumed');
    const train = (job: DistillationJob, iterations: number, from?: CheckpointContents) =>
      runTraining(job, {
        ...{ runFolder, iterations, checkpointEvery: 10, sampleEvery: 10, ...(from && { from }) },
        description: { kind: 'distillation' },
        ...{ onMetrics: () => undefined, onCheckpoint: () => undefined, onSample: () => undefined },
      });
    const job = await openDistillation(recipe);
    await train(job, 3);
    const [checkpoint] = (await listCheckpoints(runFolder)).checkpoints;
    const resumed = await openDistillation(recipe);
    expect(resumed.times).toHaveLength(4);
    await train(resumed, 3, await readCheckpoint(checkpoint?.folder ?? ''));
    expect(resumed.times).toEqual(job.times);
    expect(resumed.times).toHaveLength(2);
    expect((await resumed.sample(request(1))).values).toEqual((await job.sample(request(1))).values);
    job.dispose();
    resumed.dispose();
  });
});
