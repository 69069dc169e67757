import { afterEach, describe, expect } from 'vitest';

import { parseRecipe } from '../../../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../../../engine/contract/teacherRecipe.ts';
import type { HostCondition } from '../../../../engine/model/conditions.ts';
import { initialValues, toTensors } from '../../../../engine/model/parameters.ts';
import { createNetwork, type NetworkConfig } from '../../../../engine/model/registry.ts';
import {
  activateBackend,
  type ActiveBackend,
  type BackendName,
} from '../../../../engine/tensor/backends/backend.ts';
import { randomIntegers, randomNormal } from '../../../../engine/tensor/random.ts';
import * as tf from '../../../../engine/tensor/tf.ts';
import { DistillationTrainer } from '../../../../engine/training/distillationTrainer.ts';
import { TeacherTrainer } from '../../../../engine/training/teacherTrainer.ts';
import { webgpuTest } from '../../../support/webgpu.ts';
import { withoutPictures } from '../../../support/withoutPictures.ts';

let active: ActiveBackend | undefined;
function release(): void {
  active?.release();
  active = undefined;
}
afterEach(release);

const BATCH = 4;
const networks: NetworkConfig[] = [
  { family: 'mlp', dimensions: 2, width: 32, layers: 2, classes: 4 },
  {
    family: 'dit',
    size: 8,
    channels: 3,
    patch: 4,
    width: 16,
    layers: 1,
    heads: 2,
    classes: 4,
    captions: { vocabulary: 32, length: 4, width: 16, layers: 1, heads: 2 },
  },
];

/** The metrics of two updates of a teacher and of two iterations to a student of two steps. */
async function train(backend: BackendName, config: NetworkConfig): Promise<Record<string, number>[]> {
  active = await activateBackend(backend);
  const network = createNetwork(config);
  const denoiser = { network, dataDeviation: 0.5 };
  const condition = (step: number, count: number): HostCondition => ({
    classes: randomIntegers({ seed: 1, purpose: 'condition', step }, count, 4),
    ...(network.conditioning.captionLength > 0 && {
      captions: randomIntegers({ seed: 1, purpose: 'condition', step, index: 1 }, count * 4, 32),
    }),
  });
  // No weight is zero, so that every product and gradient counts.
  const weights = toTensors(
    network.specs,
    Object.fromEntries(
      Object.entries(initialValues(network.specs, 1)).map(([name, values], index) => {
        const draws = randomNormal({ seed: 1, purpose: 'data', step: 0, index }, values.length);
        return [name, values.map((value, i) => value + 0.05 * (draws[i] ?? 0))];
      }),
    ),
  );
  const metrics: Record<string, number>[] = [];
  const length = network.sampleShape.reduce((a, b) => a * b, 1);
  const teacher = new TeacherTrainer(
    denoiser,
    parseTeacherRecipe({ seed: 1, training: { batch: BATCH } }),
    (step, count) => ({
      x1: randomNormal({ seed: 1, purpose: 'data', step }, count * length).map((x) => x / 2),
      condition: condition(step, count),
    }),
  );
  const student = new DistillationTrainer({
    ...{ denoiser, teacher: weights, conditions: condition, batches: withoutPictures },
    recipe: parseRecipe({ seed: 1, student: { steps: 2 }, training: { batch: BATCH } }),
    statistics: { mean: 0, variance: 0.25 },
  });
  for (let step = 0; step < 2; step++) {
    metrics.push({ ...(await teacher.train(step)) });
    metrics.push({ ...(await student.iterate(step)) });
  }
  teacher.dispose();
  student.dispose();
  tf.dispose(weights);
  release();
  return metrics;
}

describe('training on webgpu gives the numbers of wasm', () => {
  webgpuTest.each(networks)(
    '$family',
    async (config) => {
      const expected = await train('wasm', config);
      const actual = await train('webgpu', config);
      actual.forEach((metrics, step) => {
        expect(Object.keys(metrics)).toEqual(Object.keys(expected[step] ?? {}));
        for (const [name, value] of Object.entries(metrics)) {
          const wanted = expected[step]?.[name] ?? NaN;
          expect(Math.abs(value - wanted), `${name} at ${step}`).toBeLessThan(
            1e-3 * (Math.abs(wanted) + 0.1),
          );
        }
      });
    },
    // An adapter in software compiles some hundred shaders.
    600_000,
  );
});

webgpuTest('a sum has more terms than a shader has buffers', async () => {
  active = await activateBackend('webgpu');
  const terms = Array.from({ length: 50 }, (_, i) => tf.tensor1d([i, 1]));
  expect(Array.from(await tf.addN(terms).data())).toEqual([1225, 50]);
});

webgpuTest('what the adapter refuses is an error at the next reading, not zeros', async () => {
  active = await activateBackend('webgpu');
  const { device } = tf.backend() as tf.KernelBackend & { device: GPUDevice };
  const x = tf.add(tf.tensor1d([1, 2]), 1);
  expect(Array.from(await x.data())).toEqual([2, 3]);
  // Of the two ways to map a buffer only one may be asked for.
  device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
  await expect(tf.mul(x, x).data()).rejects.toThrow('did not compute');
});
