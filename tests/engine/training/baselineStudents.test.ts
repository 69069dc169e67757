/** Baselines on the bundled toy: they come nearer to the guided teacher, and their models sample as they were trained to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';

import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { classSlicedWasserstein } from '../../../engine/metrics/slicedWasserstein.ts';
import type { Samples } from '../../../engine/sampling/sampler.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { openDistillation, studentInfo } from '../../../engine/training/distillationJob.ts';
import { readModel, writeModel } from '../../../engine/training/modelFile.ts';
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
});
