/** Sweeps in the studio: their runs wait in the queue of all runs, their teachers are measured between iterations. */
import { StudioError } from '../engine/contract/errors.ts';
import type { StudioContract } from '../engine/contract/messages.ts';
import { placeSchema, type Place, type SweepSummary } from '../engine/contract/messages/sweeps.ts';
import { parseRecipe } from '../engine/contract/recipe.ts';
import type { Sweep } from '../engine/contract/sweep.ts';
import type { Emit } from './bridge/api.ts';
import { ClusterWatch } from './cluster/clusterWatch.ts';
import { hasSlurm } from './cluster/slurm.ts';
import type { EngineSupervisor } from './engineProcess/supervisor.ts';
import { locatedPlan } from './features/sweeps/locatedPlan.ts';
import { hasEnded, openCells, queueRuns, sweepProgress } from './features/sweeps/runSweep.ts';
import { baselinePicture, pictureFile, sweepPictures } from './features/sweeps/sweepFolder.ts';
import type { RunQueue } from './runQueue.ts';
import { listClusterTasks } from './store/clusterTasks.ts';
import type { Store } from './store/database.ts';
import { keepPreference, readPreference } from './store/preferences.ts';
import { listRuns, type Run } from './store/runs.ts';
import { createSweep, deleteSweep, getSweep, keepCell, listCells, listSweeps } from './store/sweeps.ts';
import type { KeptSweep } from './store/sweeps.ts';

const PLACE = 'sweepPlace';

export class Sweeps {
  private readonly store: Store;
  private readonly engine: EngineSupervisor;
  private readonly queue: RunQueue;
  private readonly emit: Emit<StudioContract['events']>;
  private measuring = false;
  private readonly cluster: ClusterWatch;

  constructor(store: Store, engine: EngineSupervisor, queue: RunQueue, emit: Emit<StudioContract['events']>) {
    this.store = store;
    this.engine = engine;
    this.queue = queue;
    this.emit = emit;
    this.cluster = new ClusterWatch(
      store,
      (runId, entry) => queue.onJournal({ runId, entries: [entry] }),
      () => emit('sweeps.changed', {}),
    );
  }

  /** Leaves what the cluster has to it. */
  close(): Promise<void> {
    return this.cluster.close();
  }

  async place(): Promise<{ hasCluster: boolean; place: Place }> {
    const kept = await readPreference(this.store, PLACE, placeSchema);
    const place = kept ?? placeSchema.parse({ on: 'here', options: {} });
    const hasCluster = hasSlurm();
    return { hasCluster, place: hasCluster ? place : { ...place, on: 'here' } };
  }

  async setPlace(place: Place): Promise<void> {
    await keepPreference(this.store, PLACE, place);
  }

  async start(projectId: string, sweep: Sweep): Promise<SweepSummary> {
    return this.resume((await createSweep(this.store, projectId, sweep)).id);
  }

  /** Queues, or submits, what is not done. @throws StudioError 'cluster-unavailable'. */
  async resume(id: string): Promise<SweepSummary> {
    const kept = await getSweep(this.store, id);
    const { place } = await this.place();
    if (place.on === 'slurm') await this.submit(kept, place);
    else {
      const elsewhere = await this.cluster.runsOf(id);
      for (const run of await queueRuns(this.store, kept)) {
        if (run.id !== this.queue.active && !elsewhere.has(run.id) && !hasEnded(run))
          await this.queue.enqueue(run.id);
      }
      void this.measureBaselines();
    }
    return this.tell(kept);
  }

  async pause(id: string): Promise<SweepSummary> {
    const kept = await getSweep(this.store, id);
    const elsewhere = await this.cluster.runsOf(id);
    const ownRuns = async () => (await this.runsOf(kept)).filter((run) => !elsewhere.has(run.id));
    // The queued ones first, so that none of them begins in its place.
    const waiting = (await ownRuns()).filter(({ status }) => status === 'queued');
    for (const run of waiting) await this.queue.pause(run.id);
    for (const run of await ownRuns()) {
      if (run.status === 'running') await this.queue.pause(run.id);
    }
    await this.cluster.cancel(id);
    return this.tell(kept);
  }

  /** @throws StudioError 'busy' while a run of it waits or trains. */
  async discard(id: string): Promise<void> {
    const runs = await this.runsOf(await getSweep(this.store, id));
    if (runs.some(({ status }) => status === 'queued' || status === 'running'))
      throw new StudioError('busy', 'Runs of this sweep still train or wait.', 'Pause it first.');
    await deleteSweep(this.store, id);
    this.emit('sweeps.changed', {});
  }

  async describe(kept: KeptSweep): Promise<SweepSummary> {
    const { id, sweep, createdAt } = kept;
    const { name, experiment, seeds } = sweep;
    const { done, total } = await sweepProgress(this.store, kept);
    const statuses = new Set((await this.runsOf(kept)).map(({ status }) => status));
    const [task] = await listClusterTasks(this.store, id);
    const state =
      done === total
        ? 'done'
        : statuses.has('running')
          ? 'running'
          : statuses.has('queued') || task !== undefined || statuses.size === 0
            ? 'waiting'
            : 'paused';
    return {
      id,
      name,
      experiment,
      teacher: parseRecipe(sweep.recipe).teacher,
      seeds,
      createdAt,
      state,
      done,
      total,
      cluster: task ? { job: task.job, problem: this.cluster.problem } : null,
    };
  }

  /** What is missing of all sweeps, one after another; a failure is tried again when the engine is ready anew. */
  async measureBaselines(): Promise<void> {
    if (this.measuring || this.engine.state.status !== 'ready') return;
    this.measuring = true;
    try {
      for (const kept of await listSweeps(this.store)) await this.measureBaselinesOf(kept);
    } catch (error) {
      console.error('A teacher could not be measured:', error);
    } finally {
      this.measuring = false;
    }
  }

  private async measureBaselinesOf(kept: KeptSweep): Promise<void> {
    const elsewhere = await listClusterTasks(this.store, kept.id);
    for (const { variant, seed, baseline } of await openCells(this.store, kept)) {
      if (!baseline || elsewhere.some((task) => task.variant === variant && task.seed === seed)) continue;
      const { steps, guidance } = baseline;
      const id = baselinePicture(kept.id, variant, seed);
      const values = await this.engine.api.measureBaseline({
        ...{ plan: await locatedPlan(this.store, kept.sweep), steps, guidance, seed },
        pictureFile: pictureFile(sweepPictures(this.store.data), id),
      });
      await keepCell(this.store, kept.id, { variant, seed, runId: null, values });
      this.emit('sweeps.changed', {});
    }
  }

  private async submit(kept: KeptSweep, { options }: Place): Promise<void> {
    const trains = (await listCells(this.store, kept.id)).some(
      ({ runId }) => runId !== null && runId === this.queue.active,
    );
    if (trains)
      throw new StudioError('busy', 'A run of this sweep trains on this computer.', 'Pause it first.');
    try {
      await this.cluster.submit(kept, options);
    } finally {
      this.emit('sweeps.changed', {});
    }
  }

  private async tell(kept: KeptSweep): Promise<SweepSummary> {
    this.emit('sweeps.changed', {});
    return this.describe(kept);
  }

  private async runsOf({ id, projectId }: KeptSweep): Promise<Run[]> {
    const ids = new Set((await listCells(this.store, id)).map(({ runId }) => runId));
    return (await listRuns(this.store, projectId)).filter((run) => ids.has(run.id));
  }
}
