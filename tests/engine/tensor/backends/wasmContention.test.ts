/** Matrix products on wasm's threads while others keep every processor busy and both memories grow. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { WasmProduct, type ProductShape } from '../../../../engine/tensor/backends/wasmProduct.ts';
import { randomIntegers, randomNormal } from '../../../../engine/tensor/random.ts';

/** Computes for up to 20 ms, sleeps for up to 4, so that threads lose their processor at any point of a task. */
const restless = `
const sleep = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  const until = performance.now() + 20 * Math.random();
  while (performance.now() < until);
  Atomics.wait(sleep, 0, 0, 4 * Math.random());
}`;
let others: readonly Worker[] = [];
beforeAll(() => {
  others = Array.from({ length: 2 * availableParallelism() }, () => new Worker(restless, { eval: true }));
});
afterAll(() => Promise.all(others.map((worker) => worker.terminate())));

const ROUNDS = 2;
const PASSES = 5;
const PRODUCTS = 40;
const factors = Array.from({ length: PRODUCTS }, (_, index) => {
  const { batches, rows, depth, columns } = shapeOf(index);
  return randomNormal({ seed: 11, purpose: 'noise', step: index }, batches * depth * (rows + columns));
});
const PAGE = 65_536;

/** Up to 2 × 400 × 400 by 2 × 400 × 200, a pure function of the index. */
function shapeOf(index: number): ProductShape {
  const [batches = 0, rows = 0, depth = 0, columns = 0] = randomIntegers(
    { seed: 11, purpose: 'data', step: index },
    4,
    1000,
  );
  return {
    batches: 1 + (batches % 2),
    rows: 1 + (rows % 400),
    depth: 1 + (depth % 400),
    columns: 1 + (columns % 200),
  };
}

/** The product of random factors by these threads, in a memory that is only as large as it must be. */
function multiply(product: WasmProduct, heap: WebAssembly.Memory, index: number): Float32Array {
  const shape = shapeOf(index);
  const { batches, rows, depth, columns } = shape;
  const [a, b] = [batches * rows * depth, batches * depth * columns];
  const length = batches * rows * columns;
  const pages = Math.ceil((4 * (a + b + length)) / PAGE) - heap.buffer.byteLength / PAGE;
  if (pages > 0) heap.grow(pages);
  const values = new Float32Array(heap.buffer);
  values.set(factors[index] ?? []);
  values.fill(NaN, a + b, a + b + length);
  product.multiply(
    shape,
    { address: 0, batchStride: 4 * rows * depth, rowStride: 4 * depth, columnStride: 4 },
    { address: 4 * a, batchStride: 4 * depth * columns, rowStride: 4 * columns, columnStride: 4 },
    4 * (a + b),
  );
  return new Float32Array(heap.buffer).slice(a + b, a + b + length);
}

test('give what one undisturbed thread gives, to the last bit', async () => {
  const quiet = new WebAssembly.Memory({ initial: 1 });
  const alone = new WasmProduct(quiet, 1);
  const expected = Array.from({ length: PRODUCTS }, (_, index) => multiply(alone, quiet, index));
  for (let round = 0; round < ROUNDS; round++) {
    // New memories: they grow anew, and the threads start in the middle of the first pass.
    const heap = new WebAssembly.Memory({ initial: 1 });
    const together = new WasmProduct(heap, 4);
    for (let turn = 0; turn < PASSES * PRODUCTS; turn++) {
      const index = turn % PRODUCTS;
      const bytes = Buffer.from(multiply(together, heap, index).buffer);
      const isSame = bytes.equals(Buffer.from(expected[index]?.buffer ?? new ArrayBuffer(0)));
      expect(isSame, `product ${index} at turn ${turn} of round ${round}`).toBe(true);
      if (index === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    together.terminate();
  }
});
