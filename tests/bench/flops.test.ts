/** The count on paper against the shapes of the products that really run. */
import { describe, expect, test } from 'vitest';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { createNetwork, type NetworkConfig } from '../../engine/model/registry.ts';
import { initialValues, toTensors } from '../../engine/model/parameters.ts';
import { activateBackend } from '../../engine/tensor/backends/backend.ts';
import type { NamedTensors } from '../../engine/tensor/residentState.ts';
import * as tf from '../../engine/tensor/tf.ts';
import { DistillationTrainer } from '../../engine/training/distillationTrainer.ts';
import { lossAndGradients } from '../../engine/training/gradients.ts';
import { conditionFeeds, conditionOf } from '../../engine/model/conditions.ts';
import { distillationFlops, passFlops } from './flops.ts';
import { withoutPictures } from '../support/withoutPictures.ts';

const batch = 3;

const networks: NetworkConfig[] = [
  { family: 'mlp', dimensions: 2, width: 12, layers: 4, classes: 5 },
  {
    family: 'dit',
    size: 12,
    channels: 3,
    patch: 4,
    width: 16,
    layers: 2,
    heads: 2,
    classes: 4,
    captions: { vocabulary: 7, length: 5, width: 8, layers: 1, heads: 2 },
  },
  {
    family: 'dit',
    size: 8,
    channels: 1,
    patch: 2,
    width: 16,
    layers: 3,
    heads: 4,
    classes: 0,
    captions: null,
  },
];

/** 2·(elements of the product)·(length of the sums), over every matrix product that `work` executes. */
async function countProducts(work: () => tf.Tensor | Promise<tf.Tensor>): Promise<number> {
  const { kernels } = await tf.profile(work);
  const products = kernels.filter(({ name }) => /MatMul/.test(name));
  return products
    .map(({ inputShapes: [left = []], outputShapes: [output = []] }) => {
      const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
      const [rows = 0, columns = 0] = output.slice(-2);
      const matrices = size(output) / (rows * columns);
      // The left factor of each product has rows · sums elements, whichever way it is turned.
      return 2 * size(output) * (size(left) / (matrices * rows));
    })
    .reduce((a, b) => a + b, 0);
}

/** A sample's share of the products with one-hot rows by which WebAssembly makes gradients of tables of classes and words. */
function lookupFlops(config: NetworkConfig): number {
  const classes = config.classes > 0 ? 2 * (config.classes + 1) * config.width : 0;
  const captions = config.family === 'dit' ? config.captions : null;
  return classes + (captions ? 2 * captions.length * captions.vocabulary * captions.width : 0);
}

describe.each(networks)('$family of width $width', (config) => {
  test('forward and backward', async () => {
    await activateBackend('wasm');
    const network = createNetwork(config);
    const parameters = toTensors(network.specs, initialValues(network.specs, 1));
    const { classes, captionLength } = network.conditioning;
    const condition = conditionOf(
      conditionFeeds(network.conditioning, {
        classes: new Int32Array(batch).fill(Math.max(0, classes - 1)),
        captions: new Int32Array(batch * captionLength).fill(1),
      }),
    );
    const x = tf.randomNormal([batch, ...network.sampleShape]);
    const t = tf.tensor1d([0.1, 0.5, 0.9]);
    const forward = await countProducts(() => tf.tidy(() => network.apply(parameters, x, t, condition)));
    const loss = (values: NamedTensors) => tf.sum<tf.Scalar>(network.apply(values, x, t, condition).square());
    const both = await countProducts(() => tf.tidy(() => lossAndGradients(parameters, loss).loss));
    const expected = passFlops(config);
    expect(forward).toBe(batch * expected.forward);
    expect(both).toBe(batch * (expected.forward + expected.backward + lookupFlops(config)));
    tf.dispose([parameters, x, t, { ...condition }]);
  });
});

test('an iteration: what runs eagerly is what is counted and one more pass of the generator', async () => {
  await activateBackend('wasm');
  const network: NetworkConfig = { family: 'mlp', dimensions: 2, width: 12, layers: 4, classes: 5 };
  const recipe = parseRecipe({ seed: 4, student: { steps: 3 }, training: { batch } });
  const denoiser = { network: createNetwork(network), dataDeviation: 1 };
  const teacher = toTensors(denoiser.network.specs, initialValues(denoiser.network.specs, 1));
  const condition = { classes: new Int32Array(batch) };
  const trainer = new DistillationTrainer({
    ...{ denoiser, recipe, teacher, conditions: () => condition, batches: withoutPictures },
    ...{ statistics: { mean: 0, variance: 1 }, mode: 'eager' },
  });
  for (const iteration of [0, 1, 2]) {
    const ran = await countProducts(async () => {
      await trainer.iterate(iteration);
      return tf.scalar(0);
    });
    const backwardPasses = 1 + recipe.fakeScore.stepsPerStudentStep;
    const uncounted = passFlops(network).forward + backwardPasses * lookupFlops(network);
    expect(ran).toBe(distillationFlops(network, recipe, iteration) + batch * uncounted);
  }
  trainer.dispose();
  tf.dispose(teacher);
});
