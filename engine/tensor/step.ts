/**
 * A step: a pure function from state and feeds to outputs and the state's next values. On the native backend
 * it is recorded once for each set of feed shapes, kept on disk where it may be, and runs as one graph; elsewhere, or
 * when it cannot be recorded, it runs eagerly, and says why.
 */
import { CapturedGraph, type Chained } from './captured/capturedGraph.ts';
import type { ProductType } from './captured/graphBuilder.ts';
import { keepGraph, readGraph } from './captured/graphCache.ts';
import { graphKey } from './captured/graphKey.ts';
import type { NativeKernelBackend } from './captured/nativeBinding.ts';
import { recordGraph } from './captured/recordGraph.ts';
import type { NamedTensors, ResidentState } from './residentState.ts';
import { NativeState, nativeKernels } from './residentState.ts';
import { dispose, tidy } from './tf.ts';

export interface StepResult {
  outputs: NamedTensors;
  /** New values of state tensors; names that are absent keep theirs. */
  next?: NamedTensors;
}

export interface StepDefinition {
  readonly name: string;
  readonly state: ResidentState;
  /** Names of the state that the step reads or writes; all by default. */
  readonly uses?: readonly string[];
  /**
   * Everything that `run` computes with besides its arguments, as plain data. Where it is given, recorded graphs are
   * kept on disk under it: what is forgotten here would be computed as it was at the first recording.
   */
  readonly settings?: unknown;
  /** What captured matrix products are computed in; float32 by default, and wherever the step runs eagerly. */
  readonly products?: ProductType;
  /** Must use nothing but its arguments, and never read a tensor back. */
  readonly run: (state: NamedTensors, feeds: NamedTensors) => StepResult;
}

export type { ProductType };
export type StepMode = 'auto' | 'eager';

export class Step {
  private readonly definition: StepDefinition;
  private readonly graphs: CapturedGraph[] = [];
  /** Why the step runs eagerly; undefined while it is captured. */
  eagerBecause: string | undefined;

  constructor(definition: StepDefinition, mode: StepMode = 'auto') {
    this.definition = definition;
    if (mode === 'eager') this.eagerBecause = 'asked for';
    else if (!nativeKernels()) this.eagerBecause = 'this backend has no captured steps';
  }

  /** Runs the step once and updates the state. The caller owns the outputs; feeds stay the caller's. */
  run(feeds: NamedTensors): NamedTensors {
    return this.graphFor(feeds)?.run(feeds) ?? this.runEager(feeds);
  }

  /**
   * Like `run`, but a captured step runs on another thread, after those that were begun before it, until what is
   * returned is asked for its outputs. The feeds may be disposed at once.
   */
  begin(feeds: NamedTensors): () => NamedTensors {
    const graph = this.graphFor(feeds);
    if (graph) return graph.begin(feeds);
    const outputs = this.runEager(feeds);
    return () => outputs;
  }

  /** Like `begin`, with outputs at once that may only be fed to steps that are begun later, until `end` has waited. */
  chain(feeds: NamedTensors): Chained {
    return this.graphFor(feeds)?.chain(feeds) ?? { outputs: this.runEager(feeds), end: () => undefined };
  }

  dispose(): void {
    for (const graph of this.graphs.splice(0)) graph.dispose();
  }

  /** Recorded where it was not yet; undefined where the step runs eagerly. */
  private graphFor(feeds: NamedTensors): CapturedGraph | undefined {
    const { state } = this.definition;
    const kernels = nativeKernels();
    if (this.eagerBecause !== undefined || !kernels || !(state instanceof NativeState)) return undefined;
    const known = this.graphs.find((graph) => graph.takes(feeds));
    if (known) return known;
    try {
      const graph = this.capture(kernels, state, feeds);
      this.graphs.push(graph);
      return graph;
    } catch (error) {
      this.eagerBecause = error instanceof Error ? error.message : String(error);
      console.warn(`The step ${this.definition.name} runs uncaptured, so slower: ${this.eagerBecause}`);
      return undefined;
    }
  }

  private capture(kernels: NativeKernelBackend, state: NativeState, feeds: NamedTensors): CapturedGraph {
    const { name, uses = state.names, settings, products } = this.definition;
    const record = () => recordGraph(kernels, state, this.definition, feeds);
    const fed = Object.entries(feeds).map(([feed, { dtype, shape }]) => ({ name: feed, dtype, shape }));
    if (settings === undefined) return new CapturedGraph(kernels, state, record(), fed, name);
    const key = graphKey(kernels.binding, [name, settings, products, fed, state.signature(uses)]);
    const kept = readGraph(key);
    const graph = kept ?? record();
    const captured = new CapturedGraph(kernels, state, graph, fed, name);
    if (!kept) keepGraph(key, graph);
    return captured;
  }

  private runEager(feeds: NamedTensors): NamedTensors {
    const { state, run, uses } = this.definition;
    const values = state.read(uses);
    const { outputs, next } = tidy(() => {
      const result = run(values, feeds);
      // Clones, because a step may return a feed or a state tensor as it is.
      return { outputs: cloned(result.outputs), next: cloned(result.next ?? {}) };
    });
    state.write(next);
    dispose([values, next]);
    return outputs;
  }
}

function cloned(tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
}
