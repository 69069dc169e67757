/** Batches in lanes give what whole batches give, and only where TensorFlow computes on the processor. */
import { expect } from 'vitest';

import { createNetwork } from '../../../engine/model/registry.ts';
import { createDit, type DitConfig } from '../../../engine/model/dit.ts';
import { initialValues, toTensors } from '../../../engine/model/parameters.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { inLanes, lanesBegun } from '../../../engine/tensor/lanes.ts';
import type { NamedTensors } from '../../../engine/tensor/residentState.ts';
import { laneCount } from '../../../engine/tensor/threads.ts';
import * as tf from '../../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

const config: DitConfig = {
  ...{ family: 'dit', size: 8, channels: 3, patch: 4, width: 16, layers: 3, heads: 2, classes: 4 },
  captions: { vocabulary: 7, length: 5, width: 8, layers: 1, heads: 2 },
};

nativeTest.each([1, 2, 5])('a transformer of %i samples: output, features and gradients', async (batch) => {
  await activateBackend('tensorflow');
  const [lanes, whole] = [createNetwork(config), createDit(config)];
  const parameters = toTensors(whole.specs, initialValues(whole.specs, 1));
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(2.5 * i + 1));
  const x = tf.tensor(numbers(batch * 8 * 8 * 3), [batch, 8, 8, 3]);
  const t = tf.tensor1d(numbers(batch).map(Math.abs));
  const condition = {
    classes: tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 5),
      'int32',
    ),
    captions: tf.tensor2d(
      Array.from({ length: batch * 5 }, (_, i) => i % 7),
      [batch, 5],
      'int32',
    ),
  };
  const close = (actual: tf.Tensor, expected: tf.Tensor) => {
    expect(actual.shape).toEqual(expected.shape);
    const largest = (tensor: tf.Tensor) => tf.max(tf.abs(tensor)).dataSync()[0] ?? NaN;
    expect(largest(actual.sub(expected))).toBeLessThanOrEqual(2e-6 * (1 + largest(expected)));
  };
  const before = lanesBegun();
  close(lanes.apply(parameters, x, t, condition), whole.apply(parameters, x, t, condition));
  expect(lanesBegun() > before).toBe(Math.min(batch, laneCount) > 1);
  const expected = whole.features(parameters, x, t, condition);
  lanes
    .features(parameters, x, t, condition)
    .forEach((feature, i) => close(feature, expected[i] as tf.Tensor));
  const loss = (network: typeof lanes) => (values: NamedTensors) =>
    tf.mean<tf.Scalar>(network.apply(values, x, t, condition).square());
  const [ours, theirs] = [lanes, whole].map(
    (network) => lossAndGradients(parameters, loss(network)).gradients,
  );
  for (const name of Object.keys(parameters)) close(ours?.[name] as tf.Tensor, theirs?.[name] as tf.Tensor);
});

nativeTest('a batch is taken apart in order, as evenly as it goes', async () => {
  await activateBackend('tensorflow');
  const batch = tf.tensor1d([1, 2, 3, 4, 5, 6, 7]);
  const sizes: number[] = [];
  const [doubled] = inLanes([batch], ([part]) => {
    sizes.push(part?.shape[0] ?? 0);
    return [(part as tf.Tensor).mul(2)];
  });
  expect([...((await doubled?.data()) ?? [])]).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(sizes).toHaveLength(Math.min(laneCount, 7));
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  await activateBackend('wasm');
  const whole: number[] = [];
  inLanes([tf.tensor1d([1, 2, 3])], ([part]) => {
    whole.push(part?.shape[0] ?? 0);
    return [part as tf.Tensor];
  });
  expect(whole).toEqual([3]);
});
