/** A recorded step, registered as a native function and run as one call. */
import type { NamedTensors, NativeState } from '../residentState.ts';
import type { NativeKernelBackend } from './nativeBinding.ts';
import type { RecordedGraph } from './recordGraph.ts';

let registered = 0;

/**
 * TensorFlow's executor that runs one operation after the other, without a queue between them: for steps that have
 * nothing to run side by side. It knows no control flow.
 */
const IN_ORDER = 'SINGLE_THREADED_EXECUTOR';

export class CapturedGraph {
  private readonly kernels: NativeKernelBackend;
  private readonly graph: RecordedGraph;
  private readonly name: string;
  private readonly handles: readonly number[];

  /** Throws where TensorFlow refuses the graph. `label` is for its messages. */
  constructor(kernels: NativeKernelBackend, state: NativeState, graph: RecordedGraph, label: string) {
    this.kernels = kernels;
    this.graph = graph;
    this.name = `${label.replace(/[^A-Za-z0-9]/g, '_')}_${registered++}`;
    this.handles = graph.variables.map((name) => state.handle(name));
    kernels.binding.addFunction(
      this.name,
      graph.bytes,
      [...graph.feeds.map((_, i) => `feed${i}`), ...graph.variables.map((_, i) => `variable${i}`)],
      graph.outputs.map((_, i) => `output${i}`),
    );
  }

  run(feeds: NamedTensors): NamedTensors {
    const ordered = this.graph.feeds.map((name) => {
      const feed = feeds[name];
      if (!feed) throw new Error(`feed ${name} is missing`);
      return feed;
    });
    const inputs = [...this.kernels.getInputTensorIds(ordered), ...this.handles];
    const names = this.graph.outputs;
    const { binding } = this.kernels;
    const inOrder = { name: 'executor_type', type: binding.TF_ATTR_STRING, value: IN_ORDER };
    const attributes = binding.isUsingGpuDevice() || this.graph.hasLanes ? [] : [inOrder];
    const outputs = binding.executeOp(this.name, attributes, inputs, names.length);
    return Object.fromEntries(
      outputs.map((output, i) => [names[i] ?? '', this.kernels.createOutputTensor(output)]),
    );
  }

  dispose(): void {
    this.kernels.binding.removeFunction(this.name);
  }
}
