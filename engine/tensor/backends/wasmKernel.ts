/** A kernel of the wasm backend that takes the place of tfjs's where that is slow, and computes the same. */
import { getKernel, registerKernel, unregisterKernel, type DataType, type TensorInfo } from '../tf.ts';

/** What our kernels use of tfjs's backend. */
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

export interface Call<Inputs extends string, Attributes = unknown> {
  readonly inputs: Readonly<Record<Inputs, TensorInfo>>;
  readonly attrs: Attributes;
  readonly backend: WasmBackend;
}

export interface OwnKernel<Inputs extends string, Attributes = unknown> {
  readonly name: string;
  /** The result, or undefined for a call that stays with tfjs's kernel. */
  readonly run: (call: Call<Inputs, Attributes>) => TensorInfo | TensorInfo[] | undefined;
  /** Called with each backend that is created, and when it is removed. */
  readonly setUp?: (backend: WasmBackend) => void;
  readonly dispose?: () => void;
}

/** Takes effect on backends that are created afterwards. */
export function replaceKernel<Inputs extends string, Attributes>(ours: OwnKernel<Inputs, Attributes>): void {
  const theirs = getKernel(ours.name, 'wasm');
  unregisterKernel(ours.name, 'wasm');
  registerKernel({
    ...theirs,
    kernelFunc: (call) => ours.run(call as Call<Inputs, Attributes>) ?? theirs.kernelFunc(call),
    setupFunc: (backend) => {
      theirs.setupFunc?.(backend);
      ours.setUp?.(backend as WasmBackend);
    },
    disposeFunc: (backend) => {
      ours.dispose?.();
      theirs.disposeFunc?.(backend);
    },
  });
}
