/** A recorded step, registered as a native function or program and run as one call. */
import type { NamedTensors, NativeState } from '../residentState.ts';
import type { NativeCall, NativeKernelBackend, NativeTensor } from './nativeBinding.ts';
import type { RecordedGraph } from './recordGraph.ts';

let registered = 0;

/**
 * TensorFlow's executor that runs one operation after the other, without a queue between them: for steps that have
 * nothing to run side by side. It knows no control flow.
 */
const IN_ORDER = 'SINGLE_THREADED_EXECUTOR';

/** A step that was begun, whose outputs may only be fed to what is begun later. */
export interface Chained {
  readonly outputs: NamedTensors;
  /** Waits for it; to be called once. */
  readonly end: () => void;
}

/** A feed, as plain data. */
export interface Fed {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export class CapturedGraph {
  private readonly kernels: NativeKernelBackend;
  private readonly graph: RecordedGraph;
  private readonly name: string;
  private readonly state: NativeState;
  private readonly handles: readonly number[];
  private readonly fed: readonly Fed[];

  /** `fed` describes what it was recorded for. Throws where TensorFlow refuses the graph. `label` is for its messages. */
  constructor(
    kernels: NativeKernelBackend,
    state: NativeState,
    graph: RecordedGraph,
    fed: readonly Fed[],
    label: string,
  ) {
    this.kernels = kernels;
    this.state = state;
    this.graph = graph;
    this.fed = fed;
    this.name = `${label.replace(/[^A-Za-z0-9]/g, '_')}_${registered++}`;
    this.handles = graph.variables.map((name) => state.handle(name));
    const { binding } = kernels;
    if (graph.isProgram) binding.addProgram(this.name, graph.bytes);
    else {
      binding.addFunction(
        this.name,
        graph.bytes,
        [...graph.feeds.map((_, i) => `feed${i}`), ...graph.variables.map((_, i) => `variable${i}`)],
        graph.outputs.map((_, i) => `output${i}`),
      );
    }
  }

  /** Whether these are feeds of the names, types and shapes that it was recorded for. */
  takes(feeds: NamedTensors): boolean {
    return (
      Object.keys(feeds).length === this.fed.length &&
      this.fed.every(({ name, dtype, shape }) => {
        const feed = feeds[name];
        if (feed?.dtype !== dtype || feed.shape.length !== shape.length) return false;
        return shape.every((size, axis) => feed.shape[axis] === size);
      })
    );
  }

  /** Runs after the graphs that were begun; a function does on this thread. */
  run(feeds: NamedTensors): NamedTensors {
    const { graph, state } = this;
    if (graph.isProgram) return this.begin(feeds)();
    state.expose();
    const inputs = [...this.idsOf(feeds), ...this.handles];
    const { binding } = this.kernels;
    return this.named(binding.runFunction(this.name, this.executor, inputs, graph.outputs.length));
  }

  /** Runs on another thread, after the graphs that were begun before it; what is returned waits, and gives the outputs. */
  begin(feeds: NamedTensors): () => NamedTensors {
    const call = this.call(feeds);
    return () => this.named(this.kernels.binding.endFunction(call));
  }

  /** Likewise, with outputs at once that may only be fed to what is begun later, until `end` has waited. */
  chain(feeds: NamedTensors): Chained {
    const { binding } = this.kernels;
    const call = this.call(feeds);
    return { outputs: this.named(binding.chainFunction(call)), end: () => void binding.endFunction(call) };
  }

  dispose(): void {
    const { binding } = this.kernels;
    binding.awaitFunctions();
    if (this.graph.isProgram) binding.removeProgram(this.name);
    else binding.removeFunction(this.name);
  }

  /** Empty for TensorFlow's own choice. */
  private get executor(): string {
    return this.kernels.binding.isUsingGpuDevice() || this.graph.hasLanes ? '' : IN_ORDER;
  }

  private call(feeds: NamedTensors): NativeCall {
    const { name, executor, handles, state, graph } = this;
    const { binding } = this.kernels;
    const ids = this.idsOf(feeds);
    if (graph.isProgram) return binding.beginProgram(name, ids, handles, state.version, graph.outputs.length);
    state.expose();
    return binding.beginFunction(name, executor, [...ids, ...handles], graph.outputs.length);
  }

  private idsOf(feeds: NamedTensors): number[] {
    const ordered = this.graph.feeds.map((name) => {
      const feed = feeds[name];
      if (!feed) throw new Error(`feed ${name} is missing`);
      return feed;
    });
    return this.kernels.getInputTensorIds(ordered);
  }

  private named(outputs: readonly NativeTensor[]): NamedTensors {
    const names = this.graph.outputs;
    return Object.fromEntries(
      outputs.map((output, i) => [names[i] ?? '', this.kernels.createOutputTensor(output)]),
    );
  }
}
