/** The wasm backend's kernels that only move values, where tfjs's move them one by one or for nothing. */
import {
  Cast,
  Identity,
  Tile,
  Transpose,
  Unpack,
  util,
  type CastAttrs,
  type TensorInfo,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '../tf.ts';
import { replaceKernel } from './ownKernel.ts';
import type { WasmCall } from './wasmBackend.ts';

export function registerCopyKernels(): void {
  replaceKernel({ backend: 'wasm', name: Identity, run: share });
  replaceKernel({ backend: 'wasm', name: Cast, run: castToTheSame });
  replaceKernel({ backend: 'wasm', name: Transpose, run: transposeManyAxes });
  replaceKernel({ backend: 'wasm', name: Tile, run: repeatScalar });
  replaceKernel({ backend: 'wasm', name: Unpack, run: unpackFirstAxis });
}

/** A tensor's values never change, so a copy can share them. */
function share({ inputs: { x }, backend }: WasmCall<'x'>): TensorInfo | undefined {
  if (x.dtype === 'string') return undefined;
  backend.incRef(x.dataId);
  return { ...x };
}

const castToTheSame = (call: WasmCall<'x', CastAttrs>): TensorInfo | undefined =>
  call.attrs.dtype === call.inputs.x.dtype ? share(call) : undefined;

/** tfjs has loops of its own for up to four axes only; here the last axis stays the last. */
function transposeManyAxes({
  inputs: { x },
  attrs,
  backend,
}: WasmCall<'x', TransposeAttrs>): TensorInfo | undefined {
  const last = x.shape.length - 1;
  if (last < 4 || attrs.perm[last] !== last || x.dtype !== 'float32') return undefined;
  const strides = attrs.perm.map((axis) => util.sizeFromShape(x.shape.slice(axis + 1)));
  const shape = attrs.perm.map((axis) => x.shape[axis] ?? 0);
  const out = backend.makeOutput(shape, x.dtype);
  const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  const length = shape[last] ?? 0;
  const place = shape.map(() => 0);
  for (let at = 0, start = 0; at < to.length; at += length) {
    to.set(from.subarray(start, start + length), at);
    // On to the next place of the axes before the last.
    for (let axis = last - 1; axis >= 0; axis--) {
      const [size = 0, stride = 0] = [shape[axis], strides[axis]];
      place[axis] = ((place[axis] ?? 0) + 1) % size;
      if (place[axis] !== 0) {
        start += stride;
        break;
      }
      start -= (size - 1) * stride;
    }
  }
  return out;
}

/** tfjs computes the place of every element. */
function repeatScalar({ inputs: { x }, attrs, backend }: WasmCall<'x', TileAttrs>): TensorInfo | undefined {
  if (x.dtype === 'string' || util.sizeFromShape(x.shape) !== 1) return undefined;
  const out = backend.makeOutput(
    attrs.reps.map((count, axis) => count * (x.shape[axis] ?? 1)),
    x.dtype,
  );
  backend.typedArrayFromHeap(out).fill(backend.typedArrayFromHeap(x)[0] ?? 0);
  return out;
}

/** The parts lie one behind the other already. */
function unpackFirstAxis({
  inputs: { value },
  attrs,
  backend,
}: WasmCall<'value', UnpackAttrs>): TensorInfo[] | undefined {
  if (attrs.axis !== 0 || value.dtype === 'string') return undefined;
  const [count = 0, ...shape] = value.shape;
  const size = util.sizeFromShape(shape);
  const parts = Array.from({ length: count }, () => backend.makeOutput(shape, value.dtype));
  const from = backend.typedArrayFromHeap(value);
  parts.forEach((part, index) => {
    backend.typedArrayFromHeap(part).set(from.subarray(index * size, (index + 1) * size));
  });
  return parts;
}
