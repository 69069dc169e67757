/** One recorded step for one set of feed shapes, registered as a native function and run as one call. */
import type { NamedTensors, NativeState } from '../residentState.ts';
import type { StepDefinition } from '../step.ts';
import { dispose, tidy, type Tensor } from '../tf.ts';
import { emitGraph } from './emit.ts';
import { graphDef } from './graphDef.ts';
import type { NativeKernelBackend } from './nativeBinding.ts';
import { dataTypeNumber, record } from './recorder.ts';

let registered = 0;

export class CapturedGraph {
  private readonly kernels: NativeKernelBackend;
  private readonly name: string;
  private readonly feedNames: readonly string[];
  private readonly handles: readonly number[];
  private readonly outputNames: readonly string[];

  /** Records the step; the state is read but not changed. Throws where the step cannot be recorded. */
  constructor(
    kernels: NativeKernelBackend,
    state: NativeState,
    definition: StepDefinition,
    feeds: NamedTensors,
  ) {
    this.kernels = kernels;
    const uses = definition.uses ?? state.names;
    const values = state.read(uses);
    const idOf = (tensor: Tensor) => kernels.getInputTensorIds([tensor])[0] ?? -1;
    const graph = tidy(() => {
      let result: ReturnType<StepDefinition['run']> = { outputs: {} };
      const recording = record(kernels, [...Object.values(values), ...Object.values(feeds)], () => {
        result = definition.run(values, feeds);
      });
      const next = result.next ?? {};
      const feedPorts = Object.entries(feeds).map(([name, feed], i) => ({
        name: `feed${i}`,
        source: name,
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
      const outputs = Object.entries(result.outputs).map(([name, tensor], i) => ({
        name: `output${i}`,
        source: name,
        id: idOf(tensor),
        dtype: dataTypeNumber(tensor.dtype),
      }));
      if (outputs.length === 0) throw new Error(`step ${definition.name} has no output`);
      const nodes = emitGraph(recording, kernels.binding, { feeds: feedPorts, variables, outputs });
      return { bytes: graphDef(nodes), feedPorts, variables, outputs };
    });
    dispose(values);

    this.name = `${definition.name.replace(/[^A-Za-z0-9]/g, '_')}_${registered++}`;
    this.feedNames = graph.feedPorts.map((feed) => feed.source);
    this.outputNames = graph.outputs.map((output) => output.source);
    this.handles = uses.map((name) => state.handle(name));
    kernels.binding.addFunction(
      this.name,
      graph.bytes,
      [...graph.feedPorts, ...graph.variables].map((port) => port.name),
      graph.outputs.map((port) => port.name),
    );
  }

  run(feeds: NamedTensors): NamedTensors {
    const ordered = this.feedNames.map((name) => {
      const feed = feeds[name];
      if (!feed) throw new Error(`feed ${name} is missing`);
      return feed;
    });
    const inputs = [...this.kernels.getInputTensorIds(ordered), ...this.handles];
    const outputs = this.kernels.binding.executeOp(this.name, [], inputs, this.outputNames.length);
    return Object.fromEntries(
      outputs.map((output, i) => [this.outputNames[i] ?? '', this.kernels.createOutputTensor(output)]),
    );
  }

  dispose(): void {
    this.kernels.binding.removeFunction(this.name);
  }
}
