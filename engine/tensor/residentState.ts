/**
 * Tensors that outlive a step, under stable names: weights, moving averages, optimiser moments.
 * On the native backend they are TensorFlow resource variables that several captured steps share.
 */
import type { NativeKernelBackend } from './captured/nativeBinding.ts';
import { dataTypeNumber } from './captured/recorder.ts';
import { backend, dispose, keep, type Tensor } from './tf.ts';

/** Tensors by name, e.g. `blocks.0.attn.qkv.weight`. */
export type NamedTensors = Record<string, Tensor>;

/** The tensor of that name. @throws Error where there is none. */
export function named(tensors: NamedTensors, name: string): Tensor {
  const value = tensors[name];
  if (!value) throw new Error(`there is no tensor named ${name}`);
  return value;
}

export interface ResidentState {
  readonly names: readonly string[];
  /** The current values; the caller owns and disposes the tensors. */
  read(names?: readonly string[]): NamedTensors;
  /** Replaces values; names and shapes must exist already. Takes no ownership of `values`. */
  write(values: NamedTensors): void;
  dispose(): void;
}

let created = 0;

/** The native kernel backend when it is active and can run captured steps. */
export function nativeKernels(): NativeKernelBackend | undefined {
  const active = backend() as Partial<NativeKernelBackend>;
  const capable = active.binding !== undefined && typeof active.binding.addFunction === 'function';
  return capable ? (active as NativeKernelBackend) : undefined;
}

/** Whether TensorFlow computes on the processor: where our own kernels run, and batches in lanes. */
export const isNativeProcessor = (): boolean => nativeKernels()?.binding.isUsingGpuDevice() === false;

/** Copies `initial` into a state on the active backend; the caller keeps owning `initial`. */
export function createResidentState(initial: NamedTensors): ResidentState {
  const kernels = nativeKernels();
  return kernels ? new NativeState(kernels, initial) : new TensorState(initial);
}

function unknownName(name: string): Error {
  return new Error(`the state has no tensor named ${name}`);
}

/** Plain tensors, for eager steps on any backend. */
class TensorState implements ResidentState {
  private readonly tensors = new Map<string, Tensor>();

  constructor(initial: NamedTensors) {
    for (const [name, value] of Object.entries(initial)) this.tensors.set(name, keep(value.clone()));
  }

  get names(): readonly string[] {
    return [...this.tensors.keys()];
  }

  read(names = this.names): NamedTensors {
    return Object.fromEntries(
      names.map((name) => {
        const value = this.tensors.get(name);
        if (!value) throw unknownName(name);
        return [name, value.clone()];
      }),
    );
  }

  write(values: NamedTensors): void {
    for (const [name, value] of Object.entries(values)) {
      const old = this.tensors.get(name);
      if (!old) throw unknownName(name);
      this.tensors.set(name, keep(value.clone()));
      old.dispose();
    }
  }

  dispose(): void {
    dispose([...this.tensors.values()]);
    this.tensors.clear();
  }
}

interface Variable {
  readonly handle: number;
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** Native resource variables, which steps change in their place: who reads or writes them waits for those that run. */
export class NativeState implements ResidentState {
  /** Changes whenever anything but programs may read or write the variables, which TensorFlow may move then. */
  version = 0;
  private readonly kernels: NativeKernelBackend;
  private readonly variables = new Map<string, Variable>();

  constructor(kernels: NativeKernelBackend, initial: NamedTensors) {
    this.kernels = kernels;
    const { binding } = kernels;
    const scope = `state${created++}`;
    for (const [name, value] of Object.entries(initial)) {
      const dtype = dataTypeNumber(value.dtype);
      const attributes = [
        { name: 'dtype', type: binding.TF_ATTR_TYPE, value: dtype },
        { name: 'shape', type: binding.TF_ATTR_SHAPE, value: value.shape },
        { name: 'shared_name', type: binding.TF_ATTR_STRING, value: `${scope}/${name}` },
        { name: 'container', type: binding.TF_ATTR_STRING, value: '' },
      ];
      const handle = binding.executeOp('VarHandleOp', attributes, [], 1)[0];
      if (!handle) throw new Error('VarHandleOp gave no handle');
      this.variables.set(name, { handle: handle.id, dtype, shape: value.shape });
    }
    this.write(initial);
  }

  get names(): readonly string[] {
    return [...this.variables.keys()];
  }

  /** The resource handle's tensor id, as an input of captured functions. */
  handle(name: string): number {
    return this.variable(name).handle;
  }

  /** Names, types and shapes, as plain data. */
  signature(names: readonly string[]): unknown {
    return names.map((name) => {
      const { dtype, shape } = this.variable(name);
      return [name, dtype, shape];
    });
  }

  /** What is done next may move the variables. */
  expose(): void {
    this.version++;
  }

  read(names = this.names): NamedTensors {
    const { binding } = this.kernels;
    binding.awaitFunctions();
    this.expose();
    const readOne = (name: string): [string, Tensor] => {
      const { handle, dtype } = this.variable(name);
      const attributes = [{ name: 'dtype', type: binding.TF_ATTR_TYPE, value: dtype }];
      const value = binding.executeOp('ReadVariableOp', attributes, [handle], 1)[0];
      if (!value) throw new Error('ReadVariableOp gave no value');
      return [name, this.kernels.createOutputTensor(value)];
    };
    return Object.fromEntries(names.map(readOne));
  }

  write(values: NamedTensors): void {
    const { binding } = this.kernels;
    binding.awaitFunctions();
    this.expose();
    const type = binding.TF_ATTR_TYPE;
    // A tensor's memory may be an array of JavaScript's, which steps must neither change nor let go.
    const copies = new Map<Tensor, number>();
    const copyOf = (value: Tensor): number => {
      const known = copies.get(value);
      if (known !== undefined) return known;
      const attributes = [{ name: 'T', type, value: dataTypeNumber(value.dtype) }];
      const copy = binding.executeOp('DeepCopy', attributes, this.kernels.getInputTensorIds([value]), 1)[0];
      if (!copy) throw new Error('DeepCopy gave no tensor');
      copies.set(value, copy.id);
      return copy.id;
    };
    for (const [name, value] of Object.entries(values)) {
      const { handle, dtype } = this.variable(name);
      const attributes = [{ name: 'dtype', type, value: dtype }];
      binding.executeOp('AssignVariableOp', attributes, [handle, copyOf(value)], 0);
    }
    for (const copy of copies.values()) binding.deleteTensor(copy);
  }

  dispose(): void {
    const { binding } = this.kernels;
    binding.awaitFunctions();
    for (const { handle } of this.variables.values()) {
      binding.executeOp('DestroyResourceOp', [], [handle], 0);
      binding.deleteTensor(handle);
    }
    this.variables.clear();
  }

  private variable(name: string): Variable {
    const variable = this.variables.get(name);
    if (!variable) throw unknownName(name);
    return variable;
  }
}
