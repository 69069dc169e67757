import { afterEach, describe, expect, test } from 'vitest';

import { activateBackend, type ActiveBackend } from '../../../../engine/tensor/backends/backend.ts';
import * as tf from '../../../../engine/tensor/tf.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';
import { webgpuTest } from '../../../support/webgpu.ts';

let active: ActiveBackend | undefined;
afterEach(() => {
  active?.release();
  active = undefined;
});

const candidates = [
  { name: 'tensorflow', run: nativeTest },
  { name: 'wasm', run: test },
  { name: 'webgpu', run: webgpuTest },
] as const;

async function values(tensor: tf.Tensor): Promise<number[]> {
  return Array.from(await tensor.data());
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index] ?? NaN, 5));
}

describe.each(candidates)('$name computes what the hand does', ({ name, run }) => {
  run('matrix products', async () => {
    active = await activateBackend(name);
    expect(active.name).toBe(name);
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const b = tf.tensor2d([1, -1, 0, 2, 3, 1], [3, 2]);
    // (1·1 + 2·0 + 3·3, −1 + 4 + 3), (4 + 0 + 18, −4 + 10 + 6)
    expectClose(await values(tf.matMul(a, b)), [10, 6, 22, 12]);
    // Batches of products, the second factor transposed: attention's scores.
    const q = tf.tensor3d([1, 0, 0, 2], [2, 1, 2]);
    const k = tf.tensor3d([3, 4, 5, 6, 7, 8, 9, 10], [2, 2, 2]);
    expectClose(await values(tf.matMul(q, k, false, true)), [3, 5, 16, 20]);
  });

  run('softmax', async () => {
    active = await activateBackend(name);
    // e^(0, ln 2, ln 3) = 1, 2, 3
    expectClose(await values(tf.softmax(tf.tensor1d([0, Math.log(2), Math.log(3)]))), [1 / 6, 2 / 6, 3 / 6]);
  });

  run('gradients through a product and a softmax', async () => {
    active = await activateBackend(name);
    const x = tf.tensor2d([[1, 2]]);
    const weight = tf.variable(tf.tensor2d([0, 0, 0, 0], [2, 2]));
    // L = first probability = softmax(x W)₀ at W = 0: p = ½, ∂L/∂z = p₀(1 − p₀), −p₀p₁ = ¼, −¼; ∂L/∂W = xᵀ ∂L/∂z.
    const { value, grads } = tf.variableGrads(
      () => tf.sum<tf.Scalar>(tf.mul(tf.softmax(tf.matMul(x, weight)), tf.tensor2d([[1, 0]]))),
      [weight],
    );
    expectClose(await values(value), [0.5]);
    const gradient = grads[weight.name];
    expectClose(gradient ? await values(gradient) : [], [0.25, -0.25, 0.5, -0.5]);
  });

  run('after it was released and activated again', async () => {
    (await activateBackend(name)).release();
    active = await activateBackend(name);
    expectClose(await values(tf.add(1, tf.tensor1d([2]))), [3]);
  });
});

test('starting wasm leaves the handlers of uncaught errors as they were', async () => {
  const count = (): number[] =>
    ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
  const before = count();
  active = await activateBackend('wasm');
  expect(count()).toEqual(before);
});
