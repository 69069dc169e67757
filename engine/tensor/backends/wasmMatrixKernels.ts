/** The wasm backend's kernels that are matrix products: the product itself, and sums, as products with ones. */
import { availableParallelism } from 'node:os';

import {
  BatchMatMul,
  broadcast_util,
  Sum,
  util,
  type BatchMatMulAttrs,
  type SumAttrs,
  type TensorInfo,
} from '../tf.ts';
import { replaceKernel } from './ownKernel.ts';
import type { WasmBackend, WasmCall } from './wasmBackend.ts';
import { WasmProduct, type Matrices } from './wasmProduct.ts';

/** Of the backend that exists now, if any. */
let product: WasmProduct | undefined;
/** Where a 1 lies in the tensors' memory. */
let one = 0;

export function registerMatrixKernels(): void {
  replaceKernel({
    backend: 'wasm',
    name: BatchMatMul,
    run: multiply,
    setUp,
    dispose: () => product?.terminate(),
  });
  replaceKernel({ backend: 'wasm', name: Sum, run: sumLines });
}

function setUp({ wasm }: WasmBackend): void {
  product = new WasmProduct(wasm.asm.memory, availableParallelism());
  one = wasm._malloc(4) >>> 0;
  wasm.HEAPF32[one / 4] = 1;
}

function multiply({ inputs: { a, b }, attrs, backend }: WasmCall<'a' | 'b', BatchMatMulAttrs>) {
  const { transposeA, transposeB } = attrs;
  const [rows = 0, depth = 0] = transposeA ? lastTwo(a).reverse() : lastTwo(a);
  const columns = lastTwo(b)[transposeB ? 0 : 1] ?? 0;
  if (!product || a.dtype !== 'float32' || b.dtype !== 'float32' || depth === 0) return undefined;
  const [batchesOfA, batchesOfB] = [a, b].map(({ shape }) => shape.slice(0, -2)) as [number[], number[]];
  const batchShape = broadcast_util.assertAndGetBroadcastShape(batchesOfA, batchesOfB);
  const batches = util.sizeFromShape(batchShape);
  const isWhole = (shape: number[]) => [1, batches].includes(util.sizeFromShape(shape));
  // tfjs computes such products wrongly, without a word.
  if (!isWhole(batchesOfA) || !isWhole(batchesOfB))
    throw new Error(
      `wasm has no product of batches [${batchesOfA.join()}] and [${batchesOfB.join()}]: tile one`,
    );
  const [left, right] = [matrices(backend, a, transposeA), matrices(backend, b, transposeB)];
  const out = backend.makeOutput([...batchShape, rows, columns], 'float32');
  // Rows that meet the same second factor are rows of one product.
  const shape =
    right.batchStride === 0 && !transposeA
      ? { batches: 1, rows: batches * rows, depth, columns }
      : { batches, rows, depth, columns };
  product.multiply(shape, left, right, backend.getMemoryOffset(out.dataId));
  return out;
}

const lastTwo = ({ shape }: TensorInfo): number[] => shape.slice(-2);

function matrices(backend: WasmBackend, { dataId, shape }: TensorInfo, isTransposed: boolean): Matrices {
  const [rows = 0, columns = 0] = shape.slice(-2);
  const batches = util.sizeFromShape(shape.slice(0, -2));
  return {
    address: backend.getMemoryOffset(dataId),
    batchStride: batches === 1 ? 0 : 4 * rows * columns,
    rowStride: isTransposed ? 4 : 4 * columns,
    columnStride: isTransposed ? 4 * columns : 4,
  };
}

/** Over neighbouring axes that are not the last; tfjs transposes before it sums over those. */
function sumLines({ inputs: { x }, attrs, backend }: WasmCall<'x', SumAttrs>): TensorInfo | undefined {
  const axes = util.parseAxisParam(attrs.axis, x.shape).sort((a, b) => a - b);
  const [first = 0, last = 0] = [axes[0], axes.at(-1)];
  const areNeighbours = last - first === axes.length - 1;
  const isEmpty = util.sizeFromShape(x.shape) === 0;
  if (!product || x.dtype !== 'float32' || !areNeighbours || last === x.shape.length - 1 || isEmpty) {
    return undefined;
  }
  const before = x.shape.slice(0, first);
  const after = x.shape.slice(last + 1);
  const kept = attrs.keepDims ? axes.map(() => 1) : [];
  const depth = util.sizeFromShape(x.shape.slice(first, last + 1));
  const columns = util.sizeFromShape(after);
  const out = backend.makeOutput([...before, ...kept, ...after], 'float32');
  product.multiply(
    { batches: util.sizeFromShape(before), rows: 1, depth, columns },
    { address: one, batchStride: 0, rowStride: 0, columnStride: 0 },
    {
      address: backend.getMemoryOffset(x.dataId),
      batchStride: 4 * depth * columns,
      rowStride: 4 * columns,
      columnStride: 4,
    },
    backend.getMemoryOffset(out.dataId),
  );
  return out;
}
