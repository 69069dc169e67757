/** Runs a sweep's cells on a cluster: all are submitted at once, and each is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterOptions } from '../../engine/contract/cluster.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Baseline } from '../../engine/contract/sweep.ts';
import type { Values } from '../features/sweeps/measurer.ts';
import { openCells } from '../features/sweeps/runSweep.ts';
import type { SweepRunner } from '../features/sweeps/runner.ts';
import { listClusterTasks, type ClusterTask } from '../store/clusterTasks.ts';
import type { Store } from '../store/database.ts';
import { getRun, type Run } from '../store/runs.ts';
import { listCells, type KeptSweep } from '../store/sweeps.ts';
import type { Reporter } from '../terminal/reporter.ts';
import type { ClusterJobs } from './clusterJobs.ts';

/** Milliseconds between two looks: short at first, for what fails at once. */
const WAITS = { first: 1000, longest: 15_000, factor: 1.3 };

/** Looks without an answer after which nobody waits any more. */
const PATIENCE = 5;

export class SlurmRunner implements SweepRunner {
  private readonly store: Store;
  private readonly jobs: ClusterJobs;
  private readonly kept: KeptSweep;
  private readonly reporter: Reporter;
  private readonly signal: AbortSignal;
  private wait = WAITS.first;
  private unanswered = 0;
  private isCancelled = false;

  constructor(
    store: Store,
    jobs: ClusterJobs,
    kept: KeptSweep,
    { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
  ) {
    this.store = store;
    this.jobs = jobs;
    this.kept = kept;
    this.reporter = reporter;
    this.signal = signal;
  }

  /** Submits all that is open, before the first of it is waited for. @throws StudioError 'cluster-unavailable'. */
  async begin(options: ClusterOptions): Promise<void> {
    await this.jobs.submit(this.kept, options);
    const tasks = await listClusterTasks(this.store, this.kept.id);
    const names = new Set(tasks.map(({ job }) => job));
    this.reporter.note(`The cluster has ${tasks.length} of its tasks, in job ${[...names].join(', ')}.`);
  }

  async train(run: Run): Promise<'done' | 'paused' | 'failed'> {
    await this.untilBack(({ runId }) => runId === run.id);
    const { status, name, error } = await getRun(this.store, run.id);
    if (status === 'done') return 'done';
    if (this.isCancelled) return 'paused';
    if (error) this.reporter.note(`${name}: ${error.message}`, 'warning');
    return 'failed';
  }

  async baseline({ key }: Baseline, seed: number): Promise<Values | undefined> {
    await this.untilBack((task) => task.variant === key && task.seed === seed);
    const cells = await listCells(this.store, this.kept.id);
    return cells.find((cell) => cell.variant === key && cell.seed === seed)?.values ?? undefined;
  }

  private async untilBack(isMeant: (task: ClusterTask) => boolean): Promise<void> {
    while ((await listClusterTasks(this.store, this.kept.id)).some(isMeant)) {
      if (this.signal.aborted && !this.isCancelled) {
        this.isCancelled = true;
        await this.jobs.cancel(this.kept.id);
        this.wait = WAITS.first;
      }
      await this.look();
      await sleep(this.wait, undefined, this.isCancelled ? {} : { signal: this.signal }).catch(
        () => undefined,
      );
      this.wait = Math.min(WAITS.longest, this.wait * WAITS.factor);
    }
  }

  private async look(): Promise<void> {
    try {
      for (const { task, reason } of await this.jobs.collect()) {
        const { runId, variant, seed } = task;
        if (runId === null) this.reporter.note(`${variant}, seed ${seed}: ${reason.message}`, 'warning');
      }
      this.unanswered = 0;
    } catch (error) {
      if (!(error instanceof StudioError) || error.code !== 'cluster-unavailable') throw error;
      if (++this.unanswered < PATIENCE) return;
      throw new StudioError(
        'cluster-unavailable',
        `The cluster does not answer any more (${error.message}); its tasks and the queue were left as they are.`,
        'The same command finds them again.',
        { cause: error },
      );
    }
    const total =
      this.kept.sweep.seeds.length * (this.kept.sweep.variants.length + this.kept.sweep.baselines.length);
    const done = total - (await openCells(this.store, this.kept)).length;
    this.reporter.progress({ done, total, unit: 'tasks' });
  }
}
