/** What our kernels use of tfjs's wasm backend. */
import type { DataType, TensorInfo } from '../tf.ts';
import type { Call } from './ownKernel.ts';

export interface WasmBackend {
  readonly wasm: {
    /** The exports of the program, which Emscripten's start-up code keeps under this name. */
    readonly asm: { readonly memory: WebAssembly.Memory };
    readonly HEAPF32: Float32Array;
    _malloc(bytes: number): number;
  };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  /** Valid until memory grows, so until the next tensor is made. */
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
  getMemoryOffset(dataId: TensorInfo['dataId']): number;
  incRef(dataId: TensorInfo['dataId']): void;
}

/** A kernel's call on this backend, with tensors of these names. */
export type WasmCall<Inputs extends string, Attributes = unknown> = Call<
  WasmBackend,
  Readonly<Record<Inputs, TensorInfo>>,
  Attributes
>;
