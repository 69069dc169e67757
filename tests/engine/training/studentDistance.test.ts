/** The distance at checkpoints: nothing for what a student should be, much for what it should not, and always alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';

import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { gatherImages } from '../../../engine/data/dataset.ts';
import type { Samples } from '../../../engine/sampling/sampler.ts';
import { wholeFrom } from '../../../engine/contract/studentSampling.ts';
import { openDataFor, openDistillation, studentInfo } from '../../../engine/training/distillationJob.ts';
import { readModel, writeModel } from '../../../engine/training/modelFile.ts';
import { createModelSampler, samplerOf } from '../../../engine/training/modelSampler.ts';
import { openStudentDistance, type Measured } from '../../../engine/training/studentDistance.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import { runTraining } from '../../../engine/training/trainingRun.ts';

beforeAll(async () => {
  await activateBackend(findNativeEngine() ? 'tensorflow' : 'wasm');
});

const samples = (values: Float32Array): Samples => ({ values, evaluations: 1, seconds: 1 });

async function distanceOf(
  job: Omit<Measured, 'sample'>,
  sample: Measured['sample'],
): Promise<readonly [number, number]> {
  const distance = await openStudentDistance({ ...job, sample });
  const twice = [await distance.measure(), await distance.measure()] as const;
  distance.dispose();
  return twice;
}

const open = async (name: 'toy' | 'emoji', settings = {}) => {
  const recipe = parseRecipe({ teacher: name, data: name === 'toy' ? 'toy' : 'demo', ...settings });
  const teacher = await readModel(recipe.teacher);
  return { recipe, teacher, data: await openDataFor(teacher, recipe.data) };
};

test('points are judged by what guidance aims at, or by the unguided teacher where there is no CA', async () => {
  const job = await open('toy');
  const sampler = samplerOf(job.teacher);
  const at = (guidance: number) => (request: Parameters<Measured['sample']>[0]) =>
    sampler.teacher(request, { steps: 50, guidance });
  const [guided, again] = await distanceOf(job, at(2.5));
  expect(again).toBe(guided);
  // Two samples of one distribution: what chance leaves; guidance moves the points by about 0.2.
  expect(guided).toBeLessThan(0.04);
  const [unguided] = await distanceOf(job, at(1));
  expect(unguided).toBeGreaterThan(0.15);
  const [aim] = await distanceOf(await open('toy', { cfgAugmentation: { weight: 0 } }), at(1));
  expect(aim).toBeLessThan(0.04);
  const [lost] = await distanceOf(job, ({ count }) =>
    Promise.resolve(samples(new Float32Array(2 * count).fill(NaN))),
  );
  expect(lost).toBeNaN();
  sampler.dispose();
});

test('pictures are judged by the data: other real ones are near, noise is far', async () => {
  const job = await open('emoji');
  const { dataset } = job.data;
  if (!dataset) throw new Error('the demo set has pictures');
  const real =
    (first: number) =>
    ({ count }: { readonly count: number }) =>
      Promise.resolve(
        samples(
          gatherImages(
            dataset,
            Int32Array.from({ length: count }, (_, i) => (first + 13 * i) % dataset.count),
          ),
        ),
      );
  const [near, again] = await distanceOf(job, real(5));
  expect(again).toBe(near);
  const length = 3 * dataset.size ** 2;
  const [grey] = await distanceOf(job, ({ count }) =>
    Promise.resolve(samples(new Float32Array(count * length))),
  );
  expect(grey).toBeGreaterThan(5 * near);
});

test.each([
  ['two experts', { method: 'phased' }],
  ['one expert', { method: 'phased', phased: { experts: 'one' } }],
  ['two stages', { method: 'progressive' }],
])(
  'of a run with %s the best of its last part is chosen, and is as far as its model samples',
  async (_, settings) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'student-distance-'));
    const recipe = parseRecipe({
      ...{ ...settings, teacher: 'toy', data: 'toy', student: { steps: 2 } },
      ...{
        distributionMatching: { weight: 0 },
        progressive: { stages: 2 },
        renoising: { normalizer: 'time' },
      },
      // Too fast: CA alone explodes in each phase, so that a run that was judged from its beginning would end in its first.
      ...{ optimizer: { learningRate: 2e-3 }, training: { iterations: 20, batch: 32 } },
    });
    const job = await openDistillation(recipe);
    const distance = await openStudentDistance(job);
    const measured = new Map<number, number>();
    const outcome = await runTraining(job, {
      ...{ runFolder: folder, iterations: 20, checkpointEvery: 2, sampleEvery: 100, description: {} },
      supervision: {
        ...{ patience: 2, chooseBest: true, from: wholeFrom(recipe) },
        measure: () => distance.measure(),
      },
      onMetrics(iteration, metrics) {
        if (metrics['distance'] !== undefined) measured.set(iteration, metrics['distance']);
      },
      ...{ onCheckpoint: () => undefined, onSample: () => undefined },
    });
    expect(outcome.completed).toBe(true);
    expect(Math.min(...measured.keys())).toBe(12);
    expect(measured.get(outcome.weightsOf)).toBe(Math.min(...measured.values()));
    await writeModel(path.join(folder, 'model'), studentInfo(job, {}), job.studentWeights());
    const sampler = createModelSampler(await readModel(path.join(folder, 'model')), {
      ...{ steps: 50, guidance: 1 },
    });
    const [again] = await distanceOf(job, (request) => sampler.generate(request));
    expect(again).toBeCloseTo(measured.get(outcome.weightsOf) ?? NaN, 4);
    for (const one of [sampler, distance, job]) one.dispose();
    await rm(folder, { recursive: true });
  },
  60_000,
);
