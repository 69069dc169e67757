import { beforeAll, describe, expect } from 'vitest';

import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import {
  adamWUpdates,
  attention,
  composed,
  gatedAdd,
  modulate,
  swish,
  sumOfSquares,
  sumsByRow,
  type AdamWNumbers,
} from '../../../engine/tensor/fused.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';
import * as tf from '../../../engine/tensor/tf.ts';
import type { Tensor, Tensor3D } from '../../../engine/tensor/tf.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

let draws = 0;
function random(...shape: number[]): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(randomNormal({ seed: 5, purpose: 'data', step: draws++ }, length), shape);
}

/** Largest difference, relative to the largest value expected. */
function difference(actual: Tensor, expected: Tensor): number {
  const scale = tf.max(tf.abs(expected)).dataSync()[0] ?? 1;
  return (tf.max(tf.abs(actual.sub(expected))).dataSync()[0] ?? NaN) / scale;
}

/** The value and the gradients of `f`, and of the same in primitive operations, agree. */
function expectSame(
  f: (...inputs: Tensor[]) => Tensor,
  oracle: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
): void {
  expect(difference(f(...inputs), oracle(...inputs))).toBeLessThan(2e-6);
  const cotangent = random(...oracle(...inputs).shape);
  const expected = tf.grads(oracle)(inputs, cotangent);
  tf.grads(f)(inputs, cotangent).forEach((gradient, i) => {
    expect(gradient.shape).toEqual(expected[i]?.shape);
    expect(difference(gradient, expected[i] ?? tf.scalar(NaN))).toBeLessThan(2e-6);
  });
}

describe('the native engine’s fused kernels are the same in one pass', () => {
  beforeAll(async () => {
    if (findNativeEngine()) await activateBackend('tensorflow');
  }, 60_000);

  // Widths that fill no vector register, and batches too small and large enough for a second thread.
  nativeTest.each([
    [1, 3, 7],
    [2, 64, 48],
    [32, 64, 50],
  ])('modulate and gated addition of (%i, %i, %i)', (batch, tokens, width) => {
    const rows = () => random(batch, tokens, width);
    const perSample = () => random(batch, 1, width);
    expectSame(
      (x, shift, scale) => modulate(x, shift, scale),
      (x, shift, scale) => composed.modulate(x, shift, scale, 1e-6),
      [rows(), perSample(), perSample()],
    );
    expectSame(gatedAdd, composed.gatedAdd, [rows(), rows(), random(width), perSample()]);
  });

  nativeTest.each([
    [1, 5, 1.702],
    [1003, 70, 1],
  ])('swish of (%i, %i) with slope %d, far values too', (rows, width, slope) => {
    expectSame(
      (x, bias) => swish(x, bias, slope),
      (x, bias) => composed.swish(x, bias, slope),
      [random(rows, width).mul(20), random(width)],
    );
  });

  nativeTest('swish passes on what is not a number', () => {
    const y = swish(tf.tensor2d([NaN, Infinity, 1], [1, 3]), tf.tensor1d([0, 0, 0]), 1);
    expect(Array.from(y.dataSync()).map(Number.isNaN)).toEqual([true, false, false]);
  });

  nativeTest('rows are summed by their index', () => {
    const dy = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const sums = sumsByRow(dy, tf.tensor1d([2, 0, 2], 'int32'), 4);
    expect(sums.arraySync()).toEqual([[3, 4], [0, 0], [6, 8], [0, 0]]); // prettier-ignore
  });

  nativeTest.each([
    [1, 5, 1, 3, false],
    [3, 16, 4, 32, true],
    [8, 64, 4, 48, false],
    [2, 70, 2, 20, true],
  ])('attention: batch %i, %i tokens, %i heads of %i, mask: %s', (batch, tokens, heads, head, masked) => {
    const padding = Array.from({ length: batch * tokens }, (_, i) => (i % tokens > tokens / 2 ? -1e9 : 0));
    const mask = masked ? tf.tensor2d(padding, [batch, tokens]) : undefined;
    expectSame(
      (qkv, bias) => attention(qkv as Tensor3D, bias, heads, mask),
      (qkv, bias) => composed.attention(qkv as Tensor3D, bias, heads, mask),
      [random(batch, tokens, 3 * heads * head), random(3 * heads * head)],
    );
  });

  nativeTest.each([true, false])('AdamW, with an average: %s', (averaged) => {
    const numbers: AdamWNumbers = {
      ...{ schedule: tf.tensor1d([0.01, 0.7, 0.6, 0.9]), gradientNorm: tf.scalar(2) },
      ...{ weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clipNorm: 1.4 },
    };
    const factors = composed.adamWFactors(numbers);
    const tensorsOf = (...shape: number[]) => ({
      weight: random(...shape),
      first: random(...shape),
      second: random(...shape).square(),
      gradient: random(...shape),
      ...(averaged && { average: random(...shape) }),
    });
    const weights = { large: tensorsOf(37, 1001), small: tensorsOf(3), large2: tensorsOf(2, 17000) };
    const updates = adamWUpdates(weights, numbers);
    for (const [name, tensors] of Object.entries(weights)) {
      const actual = Object.values<Tensor>({ ...updates[name] });
      const expected = Object.values<Tensor>({ ...composed.adamW(tensors, factors) });
      expect(actual).toHaveLength(averaged ? 4 : 3);
      actual.forEach((tensor, i) => {
        expect(difference(tensor, expected[i] ?? tf.scalar(NaN))).toBeLessThan(1e-6);
      });
    }
  });

  nativeTest('the sum of squares of several tensors', () => {
    const tensors = [random(7), random(300, 401), random()];
    const expected = tf.addN(tensors.map((x) => tf.sum(x.square())));
    expect(difference(sumOfSquares(tensors), expected)).toBeLessThan(1e-6);
  });
});
