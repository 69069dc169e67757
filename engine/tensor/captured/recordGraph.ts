/** Records one step for one set of feed shapes, as a TensorFlow graph and the names of what goes in and out. */
import { lanesBegun } from '../lanes.ts';
import { isNativeProcessor, type NamedTensors, type NativeState } from '../residentState.ts';
import type { StepDefinition } from '../step.ts';
import { dispose, engine, type Tensor } from '../tf.ts';
import { emitGraph } from './emit.ts';
import { graphDef } from './graphDef.ts';
import type { NativeKernelBackend } from './nativeBinding.ts';
import { mayBeProgram } from './program.ts';
import { dataTypeNumber, record } from './recorder.ts';

/** Placeholders are named `feed0` …, then `variable0` …, outputs `output0` …: in the order of these names. */
export interface RecordedGraph {
  readonly feeds: readonly string[];
  /** Of the state. */
  readonly variables: readonly string[];
  readonly outputs: readonly string[];
  /** Whether parts of a batch may be computed side by side. */
  readonly hasLanes: boolean;
  /** Whether our own program runs it (native/program.h), or TensorFlow as a function. */
  readonly isProgram: boolean;
  /** A serialised GraphDef. */
  readonly bytes: Uint8Array;
}

/** The state is read but not changed. Throws where the step cannot be recorded. */
export function recordGraph(
  kernels: NativeKernelBackend,
  state: NativeState,
  definition: StepDefinition,
  feeds: NamedTensors,
): RecordedGraph {
  const uses = definition.uses ?? state.names;
  const values = state.read(uses);
  // Threads that ran steps hold what those took, and this one what recording takes: never both at once.
  kernels.binding.releaseMemory();
  const idOf = (tensor: Tensor) => kernels.getInputTensorIds([tensor])[0] ?? -1;
  // Not by tidy, which would look for tensors in every byte of what is returned.
  engine().startScope(definition.name);
  try {
    const before = lanesBegun();
    let result: ReturnType<StepDefinition['run']> = { outputs: {} };
    const recording = record(kernels, [...Object.values(values), ...Object.values(feeds)], () => {
      result = definition.run(values, feeds);
    });
    const next = result.next ?? {};
    const feedPorts = Object.values(feeds).map((feed, i) => ({
      name: `feed${i}`,
      id: idOf(feed),
      shape: feed.shape,
      dtype: dataTypeNumber(feed.dtype),
    }));
    const variables = Object.entries(values).map(([name, value], i) => ({
      name: `variable${i}`,
      readId: idOf(value),
      nextId: next[name] ? idOf(next[name]) : undefined,
      shape: value.shape,
      dtype: dataTypeNumber(value.dtype),
    }));
    const outputs = Object.values(result.outputs).map((tensor, i) => ({
      name: `output${i}`,
      id: idOf(tensor),
      dtype: dataTypeNumber(tensor.dtype),
    }));
    if (outputs.length === 0) throw new Error(`step ${definition.name} has no output`);
    const ports = { feeds: feedPorts, variables, outputs };
    const nodes = emitGraph(recording, kernels.binding, ports, definition.products);
    const hasLanes = lanesBegun() > before;
    const isWide = (definition.products ?? 'float32') === 'float32';
    return {
      feeds: Object.keys(feeds),
      variables: [...uses],
      outputs: Object.keys(result.outputs),
      hasLanes,
      isProgram: isNativeProcessor() && !hasLanes && isWide && mayBeProgram(nodes, ports),
      bytes: graphDef(nodes),
    };
  } finally {
    engine().endScope();
    dispose(values);
    kernels.binding.releaseMemory();
  }
}
