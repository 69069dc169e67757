/** Looks from time to time at what the studio's sweeps have on the cluster, as long as they have something there. */
import type { ClusterOptions } from '../../engine/contract/cluster.ts';
import { listClusterTasks } from '../store/clusterTasks.ts';
import type { Store } from '../store/database.ts';
import type { KeptSweep } from '../store/sweeps.ts';
import { ClusterJobs, type RecordEntry } from './clusterJobs.ts';
import { Slurm } from './slurm.ts';

/** Milliseconds between two looks. */
const LOOK_EVERY = 5000;

export class ClusterWatch {
  private readonly store: Store;
  private readonly jobs: ClusterJobs;
  private readonly onChange: () => void;
  private readonly closing = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private trouble: string | null = null;

  /** @param onChange something is back, or nothing is heard of it any more. */
  constructor(store: Store, record: RecordEntry, onChange: () => void) {
    this.store = store;
    this.jobs = new ClusterJobs(store, new Slurm({ signal: this.closing.signal }), record);
    this.onChange = onChange;
    this.follow();
  }

  /** Why nothing is heard of the cluster. */
  get problem(): string | null {
    return this.trouble;
  }

  /** @throws StudioError 'cluster-unavailable'. */
  async submit(kept: KeptSweep, options: ClusterOptions): Promise<void> {
    try {
      await this.jobs.submit(kept, options);
    } finally {
      this.follow();
    }
  }

  /** @throws StudioError 'cluster-unavailable'. */
  cancel(sweepId: string): Promise<void> {
    return this.jobs.cancel(sweepId);
  }

  async runsOf(sweepId: string): Promise<ReadonlySet<string>> {
    return new Set((await listClusterTasks(this.store, sweepId)).flatMap(({ runId }) => runId ?? []));
  }

  /** Leaves to the cluster what it has. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    await this.looking;
  }

  private isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private follow(): void {
    clearTimeout(this.timer);
    this.looking = this.looking.then(() => this.look());
  }

  private async look(): Promise<void> {
    const before = await listClusterTasks(this.store);
    if (before.length === 0 || this.isClosed()) return;
    const earlier = this.trouble;
    this.trouble = await this.jobs.collect().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const after = await listClusterTasks(this.store);
    if (after.length < before.length || this.trouble !== earlier) this.onChange();
    if (!this.isClosed()) this.timer = setTimeout(() => this.follow(), LOOK_EVERY);
  }
}
