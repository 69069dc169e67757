/** The distance at checkpoints: nothing for what a student should be, much for what it should not, and always alike. */
import { beforeAll, expect, test } from 'vitest';

import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { gatherImages } from '../../../engine/data/dataset.ts';
import type { Samples } from '../../../engine/sampling/sampler.ts';
import { openDataFor } from '../../../engine/training/distillationJob.ts';
import { readModel } from '../../../engine/training/modelFile.ts';
import { samplerOf } from '../../../engine/training/modelSampler.ts';
import { openStudentDistance, type Measured } from '../../../engine/training/studentDistance.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';

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
