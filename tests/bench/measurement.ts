/** Workloads on a worker: made ready, then timed in rounds that other workloads and workers take part in. */
import path from 'node:path';
import type { BackendName } from '../../engine/tensor/backends/backend.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import { Worker, type Commands, type Greeting } from './protocol.ts';
import { fairCount, firstIterations, flopsOf, type Iteration, type Workload } from './workloads.ts';

/** A round runs as many iterations as fit into this. */
const ROUND_SECONDS = 0.5;
const MOST_ITERATIONS = 500;
/** Before anything is timed: compilers of JavaScript learn from what has run for a while. */
const WARM_SECONDS = 2;

export const startEngineWorker = (
  backend: BackendName,
): Promise<{ readonly worker: Worker; readonly greeting: Greeting }> =>
  Worker.start(process.execPath, [path.join(import.meta.dirname, 'engineWorker.ts'), backend]);

export class TimedWorkload {
  readonly workload: Workload;
  readonly facts: Commands['prepare']['answer'];
  /** Seconds an iteration, one number a round. */
  readonly seconds: number[] = [];
  private readonly worker: Worker;
  private readonly id: string;

  private constructor(worker: Worker, id: string, workload: Workload, facts: Commands['prepare']['answer']) {
    this.worker = worker;
    this.id = id;
    this.workload = workload;
    this.facts = facts;
  }

  /** Makes the workload and runs it until every step that it can draw is recorded or compiled. */
  static async prepare(worker: Worker, workload: Workload, mode: StepMode = 'auto'): Promise<TimedWorkload> {
    const id = `${workload.name}, ${mode}`;
    const iterations = firstIterations(workload, Math.max(2, fairCount(workload)));
    const facts = await worker.ask('prepare', { id, variant: { workload, mode }, iterations });
    return new TimedWorkload(worker, id, workload, facts);
  }

  /** The iterations of a round, as many as fit and no fewer than make a fair mean. */
  async calibrate(): Promise<Iteration[]> {
    const fair = firstIterations(this.workload, fairCount(this.workload));
    const seconds = await this.warm(fair);
    const fitting = Math.min(MOST_ITERATIONS, Math.floor((ROUND_SECONDS * fair.length) / seconds));
    return firstIterations(this.workload, Math.max(fair.length, fitting));
  }

  /** Runs these untimed until it is warm; the seconds that they took last. */
  async warm(iterations: readonly Iteration[]): Promise<number> {
    const started = performance.now();
    for (;;) {
      const { seconds } = await this.worker.ask('run', { id: this.id, iterations });
      if (performance.now() - started >= 1000 * WARM_SECONDS) return seconds;
    }
  }

  async runRound(iterations: readonly Iteration[]): Promise<void> {
    const { seconds } = await this.worker.ask('run', { id: this.id, iterations });
    this.seconds.push(seconds / iterations.length);
  }
}

/** Mean of the iterations' matrix products. */
export const meanGigaflop = (workload: Workload, iterations: readonly Iteration[]): number =>
  iterations.map(({ number }) => flopsOf(workload, number)).reduce((a, b) => a + b, 0) /
  iterations.length /
  1e9;
