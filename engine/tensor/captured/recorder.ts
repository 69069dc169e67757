/**
 * Records the native operations that a pure tensor function executes, by standing between tfjs's kernel
 * backend and its addon. Tensor ids are never reused, so the data flow it sees is exact.
 */
import type { Tensor } from '../tf.ts';
import { isDeclaredConstant } from './constant.ts';
import { dataTypes } from './graphDef.ts';
import type {
  NativeBinding,
  NativeKernelBackend,
  NativeTensor,
  OperationAttribute,
} from './nativeBinding.ts';

export interface RecordedOperation {
  readonly op: string;
  readonly attributes: readonly OperationAttribute[];
  readonly inputs: readonly number[];
  readonly outputs: readonly NativeTensor[];
}

export interface RecordedConstant {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly content: Uint8Array;
}

export interface Recording {
  readonly operations: readonly RecordedOperation[];
  readonly constants: ReadonlyMap<number, RecordedConstant>;
}

/** Host arrays up to this length may be made inside a step without being declared constant. */
const SMALL_HOST_ARRAY = 64;

export function dataTypeNumber(dtype: number | string): number {
  if (typeof dtype === 'number') return dtype;
  const known = dataTypes[dtype as keyof typeof dataTypes] as number | undefined;
  if (known === undefined) throw new Error(`no TensorFlow type for ${dtype}`);
  return known;
}

export function isUniform(content: Uint8Array): boolean {
  const words = new Uint32Array(content.slice().buffer, 0, content.byteLength >>> 2);
  return words.every((word) => word === words[0]);
}

/**
 * Runs `run` once and returns what it executed.
 *
 * @param inputs tensors that stand for the step's feeds and state; every other tensor that `run` touches
 *   without having made it becomes a constant of the graph.
 * @throws Error when the step reads a tensor back, or makes a large host array that it did not declare with
 *   `constant()`: both would be frozen into the graph in silence.
 */
export function record(backend: NativeKernelBackend, inputs: readonly Tensor[], run: () => void): Recording {
  const binding = backend.binding;
  const resolveIds = backend.getInputTensorIds.bind(backend);
  const operations: RecordedOperation[] = [];
  const constants = new Map<number, RecordedConstant>();
  const known = new Set(resolveIds(inputs));
  const outside = new Map<number, Tensor>();

  const keep = (id: number, dtype: number, shape: readonly number[], values: ArrayBufferView) => {
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    constants.set(id, { dtype, shape: [...shape], content });
    known.add(id);
  };

  const recorder = Object.create(binding) as NativeBinding;
  // The addon's own properties are read-only, so they are shadowed by definition, not assignment.
  const shadow = (name: keyof NativeBinding, value: unknown) =>
    Object.defineProperty(recorder, name, { value });
  shadow('createTensor', (shape: readonly number[], dtype: number | string, values: ArrayBufferView) => {
    const id = binding.createTensor(shape, dtype, values);
    keep(id, dataTypeNumber(dtype), shape, values);
    const content = constants.get(id)?.content ?? new Uint8Array();
    if (content.byteLength > 4 * SMALL_HOST_ARRAY && !isDeclaredConstant() && !isUniform(content)) {
      throw new Error(
        `a host array of shape [${shape.join(', ')}] was made inside the step and would be frozen: feed it or declare it`,
      );
    }
    return id;
  });
  shadow('tensorDataSync', () => {
    throw new Error('the step reads a tensor back while it is recorded; its value would be frozen');
  });
  shadow(
    'executeOp',
    (op: string, attributes: readonly OperationAttribute[], ids: readonly number[], count: number) => {
      for (const id of ids) {
        if (known.has(id)) continue;
        const tensor = outside.get(id);
        if (!tensor) throw new Error(`an input of ${op} has no known source`);
        keep(id, dataTypeNumber(tensor.dtype), tensor.shape, binding.tensorDataSync(id));
      }
      const outputs = binding.executeOp(op, attributes, ids, count);
      for (const output of outputs) known.add(output.id);
      operations.push({
        op,
        attributes: attributes.map((a) => ({ ...a })),
        inputs: [...ids],
        outputs: [...outputs],
      });
      return outputs;
    },
  );

  backend.binding = recorder;
  backend.getInputTensorIds = (tensors) => {
    const ids = resolveIds(tensors);
    ids.forEach((id, i) => {
      const tensor = tensors[i];
      if (tensor && !known.has(id)) outside.set(id, tensor);
    });
    return ids;
  };
  try {
    run();
  } finally {
    backend.binding = binding;
    backend.getInputTensorIds = resolveIds;
  }
  return { operations, constants };
}
