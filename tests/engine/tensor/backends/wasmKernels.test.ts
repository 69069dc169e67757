import { readdirSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { activateBackend, type ActiveBackend } from '../../../../engine/tensor/backends/backend.ts';
import { WasmProduct } from '../../../../engine/tensor/backends/wasmProduct.ts';
import { randomNormal } from '../../../../engine/tensor/random.ts';
import * as tf from '../../../../engine/tensor/tf.ts';

let active: ActiveBackend;
beforeAll(async () => {
  active = await activateBackend('wasm');
});
afterAll(() => active.release());

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function draw(shape: readonly number[], index: number): Float32Array {
  return randomNormal({ seed: 7, purpose: 'data', step: 0, index }, size(shape));
}

interface Example {
  readonly what: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const examples: readonly Example[] = [
  { what: 'one number', a: [1, 1], b: [1, 1] },
  { what: 'less than a tile', a: [2, 3], b: [3, 2] },
  { what: 'tiles and a rest both ways', a: [13, 50], b: [50, 19] },
  { what: 'the first transposed', a: [50, 13], b: [50, 19], transposeA: true },
  { what: 'the second transposed', a: [13, 50], b: [19, 50], transposeB: true },
  { what: 'both transposed', a: [50, 13], b: [19, 50], transposeA: true, transposeB: true },
  { what: 'batches', a: [3, 2, 7, 5], b: [3, 2, 5, 9] },
  { what: 'batches of the first, transposed', a: [3, 5, 7], b: [1, 5, 9], transposeA: true },
  { what: 'batches of the first alone', a: [3, 7, 5], b: [1, 5, 9] },
  { what: 'batches of the second alone', a: [1, 7, 5], b: [4, 9, 5], transposeB: true },
  { what: 'deeper than the caches', a: [9, 1700], b: [1700, 10] },
  { what: 'more rows than a job holds', a: [3100, 4], b: [4, 3] },
  { what: 'more batches than a job holds', a: [300, 12, 2], b: [300, 2, 5] },
];

/** In double precision, by the definition; (batches, rows, columns) in order. */
function product({ a, b, transposeA = false, transposeB = false }: Example): number[] {
  const [left, right] = [draw(a, 0), draw(b, 1)];
  const [rows = 0, depth = 0] = transposeA ? a.slice(-2).reverse() : a.slice(-2);
  const columns = (transposeB ? b.at(-2) : b.at(-1)) ?? 0;
  const [batchesOfA, batchesOfB] = [size(a.slice(0, -2)), size(b.slice(0, -2))];
  return Array.from({ length: Math.max(batchesOfA, batchesOfB) * rows * columns }, (_, index) => {
    const [column, row] = [index % columns, Math.floor(index / columns) % rows];
    const batch = Math.floor(index / columns / rows);
    const startOfA = (batchesOfA === 1 ? 0 : batch) * rows * depth;
    const startOfB = (batchesOfB === 1 ? 0 : batch) * depth * columns;
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      const x = left[startOfA + (transposeA ? k * rows + row : row * depth + k)] ?? NaN;
      const y = right[startOfB + (transposeB ? column * depth + k : k * columns + column)] ?? NaN;
      sum += x * y;
    }
    return sum;
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const worst = Math.max(...Array.from(actual, (value, i) => Math.abs(value - (expected[i] ?? NaN))));
  expect(worst).toBeLessThan(tolerance);
}

describe('matrix products follow the definition', () => {
  test.each(examples)('$what', (example) => {
    const { a, b, transposeA, transposeB } = example;
    const before = tf.memory().numTensors;
    const [left, right] = [tf.tensor(draw(a, 0), [...a]), tf.tensor(draw(b, 1), [...b])];
    const result = tf.matMul(left, right, transposeA, transposeB);
    // float32 rounds each of up to 1,700 sums of size 100 by 2⁻²⁴ of it, mostly in turns up and down.
    expectClose(result.dataSync(), product(example), 1e-3);
    tf.dispose([left, right, result]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('batches of both that must be repeated are refused, since tfjs leaves most of them out', () => {
    const [a, b] = [tf.zeros([3, 1, 2, 5]), tf.zeros([1, 4, 5, 2])];
    expect(() => tf.matMul(a, b)).toThrow('no product of batches [3,1] and [1,4]');
    tf.dispose([a, b]);
  });

  test('the same to the last bit with any number of threads', async () => {
    const heap = new WebAssembly.Memory({ initial: 8 });
    const shape = { batches: 1, rows: 300, depth: 100, columns: 60 };
    const values = new Float32Array(heap.buffer);
    values.set(draw([300, 100], 0), 0);
    values.set(draw([100, 60], 1), 30_000);
    const target = 36_000;
    const multiply = (workers: WasmProduct): Float32Array => {
      values.fill(NaN, target, target + 18_000);
      workers.multiply(
        shape,
        { address: 0, batchStride: 0, rowStride: 400, columnStride: 4 },
        { address: 120_000, batchStride: 0, rowStride: 240, columnStride: 4 },
        4 * target,
      );
      return values.slice(target, target + 18_000);
    };
    const alone = new WasmProduct(heap, 1);
    const together = new WasmProduct(heap, 3);
    const expected = multiply(alone);
    // The threads start meanwhile, so that the first products are computed by few and the last by all.
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 10; i++) expect(multiply(together)).toEqual(expected);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    together.terminate();
  });
});

test.skipIf(process.platform !== 'linux')('activating it again starts no more threads', async () => {
  const threads = (): number => readdirSync('/proc/self/task').length;
  const before = threads();
  for (let i = 0; i < 5; i++) await activateBackend('wasm');
  expect(threads()).toBeLessThan(before + 5);
});

describe('sums over', () => {
  // x[i, j, k] = 100 i + 10 j + k
  const x = () =>
    tf.tensor(
      Array.from(
        { length: 24 },
        (_, at) => 100 * Math.floor(at / 12) + 10 * (Math.floor(at / 4) % 3) + (at % 4),
      ),
      [2, 3, 4],
    );

  test('the first axis', () => {
    const sum = tf.sum(x(), 0);
    expect(sum.shape).toEqual([3, 4]);
    expect(sum.arraySync()).toEqual([
      [100, 102, 104, 106],
      [120, 122, 124, 126],
      [140, 142, 144, 146],
    ]);
  });

  test('an axis between, which is kept', () => {
    const sum = tf.sum(x(), -2, true);
    expect(sum.shape).toEqual([2, 1, 4]);
    expect(Array.from(sum.dataSync())).toEqual([30, 33, 36, 39, 330, 333, 336, 339]);
  });

  test('two neighbours, named in any order', () => {
    expect(tf.sum(x(), [1, 0]).arraySync()).toEqual([360, 366, 372, 378]);
  });

  test('the last axis, axes apart and all of them, as tfjs does', () => {
    expect(tf.sum(x(), 2).arraySync()).toEqual([
      [6, 46, 86],
      [406, 446, 486],
    ]);
    expect(tf.sum(x(), [0, 2]).arraySync()).toEqual([412, 492, 572]);
    expect(tf.sum(x()).arraySync()).toBe(1476);
  });

  test('whole numbers, as tfjs does', () => {
    expect(tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0).arraySync()).toEqual([4, 6]);
  });
});

describe('values are moved', () => {
  test.each([
    { permutation: [2, 0, 3, 1, 4] },
    { permutation: [1, 3, 0, 2, 4] },
    { permutation: [4, 3, 2, 1, 0] },
    { permutation: [0, 1, 2, 3, 4] },
  ])('to the axes $permutation', ({ permutation }) => {
    const shape = [2, 3, 4, 5, 6];
    const values = draw(shape, 0);
    const strides = [360, 120, 30, 6, 1];
    const moved = tf.transpose(tf.tensor(values, shape), permutation);
    const target = permutation.map((axis) => shape[axis] ?? 0);
    expect(moved.shape).toEqual(target);
    const expected = Array.from({ length: values.length }, (_, index) => {
      let [rest, source] = [index, 0];
      for (let axis = 4; axis >= 0; axis--) {
        const length = target[axis] ?? 1;
        source += (rest % length) * (strides[permutation[axis] ?? 0] ?? 0);
        rest = Math.floor(rest / length);
      }
      return values[source];
    });
    expect(Array.from(moved.dataSync())).toEqual(expected);
  });

  test('to the parts of a first axis', () => {
    const parts = tf.unstack(tf.tensor3d([1, 2, 3, 4, 5, 6], [3, 1, 2]));
    expect(parts.map((part) => part.arraySync())).toEqual([[[1, 2]], [[3, 4]], [[5, 6]]]);
  });

  test('to many places from one', () => {
    expect(tf.tile(tf.tensor2d([[7]]), [2, 3]).arraySync()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ]);
    expect(tf.where(tf.scalar(true, 'bool'), tf.tensor1d([1, 2]), tf.tensor1d([3, 4])).arraySync()).toEqual([
      1, 2,
    ]);
  });

  test('a copy outlives what it was copied from', () => {
    const before = tf.memory().numTensors;
    const original = tf.tensor1d([1, 2, 3]);
    const copies = [original.clone(), original.cast('float32')];
    original.dispose();
    for (const copy of copies) expect(copy.arraySync()).toEqual([1, 2, 3]);
    tf.dispose(copies);
    expect(tf.memory().numTensors).toBe(before);
  });
});
