/** The parts of tfjs-node's addon and kernel backend that captured steps use, typed. */
import type { Tensor } from '../tf.ts';

export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
  /** TensorFlow's DataType number. */
  readonly dtype: number;
}

/** A function or program that runs; only the binding looks inside. */
export type NativeCall = object & { readonly nativeCall: never };

export interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[] | readonly boolean[];
}

export interface NativeBinding {
  createTensor(shape: readonly number[], dtype: number | string, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  executeOp(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[];
  /** Registers a GraphDef as a function of the eager context. */
  addFunction(name: string, graph: Uint8Array, inputs: readonly string[], outputs: readonly string[]): void;
  removeFunction(name: string): void;
  /** Registers a GraphDef of operations that programs know (native/program.h). */
  addProgram(name: string, graph: Uint8Array): void;
  removeProgram(name: string): void;
  /** Runs a function, after what was begun; `executor` is TensorFlow's name of one, or empty for its own choice. */
  runFunction(name: string, executor: string, inputs: readonly number[], outputs: number): NativeTensor[];
  /** Likewise, on another thread. */
  beginFunction(name: string, executor: string, inputs: readonly number[], outputs: number): NativeCall;
  /**
   * A program, likewise. `version` is another number whenever anything but programs may have read or written the
   * variables, and 0 where that is not known: their memory is looked up once a version.
   */
  beginProgram(
    name: string,
    feeds: readonly number[],
    variables: readonly number[],
    version: number,
    outputs: number,
  ): NativeCall;
  /** Its outputs, which nothing but what is begun later may read before the call was ended; `endFunction` then gives none. */
  chainFunction(call: NativeCall): NativeTensor[];
  /** Waits for it, once; throws what it failed with. */
  endFunction(call: NativeCall): NativeTensor[];
  /** Waits for all that were begun, and throws nothing. */
  awaitFunctions(): void;
  /** Standard normal noise, float32; `stream` is what `streamOf` gives. */
  createNormal(shape: readonly number[], stream: readonly number[]): NativeTensor;
  /** Gives memory that was freed back to the system, where allocators keep it for each thread. */
  releaseMemory(): void;
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

export interface NativeKernelBackend {
  binding: NativeBinding;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(tensor: NativeTensor): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}
