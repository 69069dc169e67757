/** The runs that wait for the engine or for room on the disk, and the one that trains: as arranged, resumed after a crash. */
import { StudioError } from '../engine/contract/errors.ts';
import { draftRecipeSchema } from '../engine/contract/messages/recipes.ts';
import type { RunViews } from '../engine/contract/messages/runs.ts';
import type { StudioContract } from '../engine/contract/messages.ts';
import type { Emit, Payload } from './bridge/api.ts';
import { fromFailure, toFailure } from './bridge/frames.ts';
import { DiskRoom } from './diskRoom.ts';
import type { EngineContract, JournalEntry, WrittenViews } from './engineProcess/messages.ts';
import type { EngineSupervisor } from './engineProcess/supervisor.ts';
import { asCheckpoint, asFrame, asRun, kindOf } from './features/describeRuns.ts';
import { judgeRun } from './features/judgeRun.ts';
import { withLocations } from './features/references.ts';
import { retuneIfDue } from './features/retune.ts';
import { recordFrame, storeJournal } from './features/runJournal.ts';
import { locatedPlan } from './features/sweeps/locatedPlan.ts';
import { sweepPictures } from './features/sweeps/sweepFolder.ts';
import { forgetPruned, listRunCheckpoints } from './store/checkpoints.ts';
import { requireHere } from './store/clusterTasks.ts';
import { runFolder } from './store/dataFolder.ts';
import type { Store } from './store/database.ts';
import { sweepOfRun } from './store/sweeps.ts';
import { arrangeWaiting, placeLast, waitingRuns } from './store/queueOrder.ts';
import { getRun, setRunStatus, type Run, type RunError } from './store/runs.ts';

/** Milliseconds between two judgements of a run that trains. */
const JUDGE_EVERY = 1000;

export class RunQueue {
  private readonly store: Store;
  private readonly engine: EngineSupervisor;
  private readonly emit: Emit<StudioContract['events']>;
  private readonly pictureFolder: string;
  private readonly lastViews = new Map<string, RunViews>();
  private readonly room: DiskRoom;
  private judgedAt = 0;
  /** Whoever asks for a pause wants the device free, and no retune instead. */
  private isPausing = false;
  /** The run that the engine has. */
  private activeId: string | undefined;
  /** Whoever waits for the active run to end. */
  private waiters: (() => void)[] = [];
  /** What is written to the store follows in the order in which it was told. */
  private work: Promise<void> = Promise.resolve();

  constructor(
    store: Store,
    engine: EngineSupervisor,
    emit: Emit<StudioContract['events']>,
    pictureFolder: string,
  ) {
    this.pictureFolder = pictureFolder;
    this.store = store;
    this.engine = engine;
    this.emit = emit;
    this.room = new DiskRoom(store.data, () => void this.next());
  }

  get active(): string | undefined {
    return this.activeId;
  }

  /** Begins the first waiting run if the engine is free and the disk not full. */
  async next(): Promise<void> {
    if (this.activeId !== undefined || this.engine.state.status !== 'ready' || this.room.isFull) return;
    const [queued] = await waitingRuns(this.store);
    // Asked again, since another call may have begun one meanwhile.
    if (queued && !this.isTaken()) await this.train(queued);
  }

  /** Queues a paused, failed or new run, which is a reason to look at a full disk again. @throws 'busy' while it trains. */
  async enqueue(id: string): Promise<Run> {
    if (this.activeId === id) throw new StudioError('busy', 'This run is training already.');
    await requireHere(this.store, id);
    await placeLast(this.store, id);
    const run = await setRunStatus(this.store, id, 'queued');
    this.tellRun(run);
    await this.tellOrder();
    this.room.forget();
    void this.next();
    return run;
  }

  /** Ids of waiting runs, the next one first. */
  async order(): Promise<string[]> {
    return (await waitingRuns(this.store)).map(({ id }) => id);
  }

  /** Puts waiting runs in this order; those that are not named come behind. */
  async arrange(ids: readonly string[]): Promise<void> {
    await arrangeWaiting(this.store, ids);
    await this.tellOrder();
  }

  /** Resolves when the run is saved and stopped. */
  async pause(id: string): Promise<Run> {
    await requireHere(this.store, id);
    const run = await getRun(this.store, id);
    if (this.activeId === id) {
      this.isPausing = true;
      const ended = new Promise<void>((resolve) => this.waiters.push(resolve));
      await this.engine.api.pause();
      await ended;
    } else if (run.status === 'queued') this.tellRun(await setRunStatus(this.store, id, 'paused'));
    return getRun(this.store, id);
  }

  /** @throws 'input-invalid' unless this run trains. */
  async sampleNow(id: string): Promise<void> {
    this.requireActive(id);
    await this.engine.api.sampleTraining();
  }

  /** @throws 'input-invalid' unless this distillation trains. */
  async look(id: string, tau: number): Promise<RunViews> {
    this.requireActive(id);
    return this.keepViews(id, await this.engine.api.lookAtTraining({ tau }));
  }

  viewsOf(id: string): RunViews | null {
    return this.lastViews.get(id) ?? null;
  }

  /** Tells the engine what a person pinned or freed in the run that it trains. */
  async pinsChanged(runId: string): Promise<void> {
    if (this.activeId === runId) await this.engine.api.pin({ pinned: await this.pinsOf(runId) });
  }

  /** Resolves when all of it is kept. */
  onJournal({ runId, entries }: Payload<EngineContract['events'], 'engine.journal'>): Promise<void> {
    for (const entry of entries) {
      this.work = this.work
        .then(() => this.record(runId, entry))
        .catch((error: unknown) => console.error(`The journal of run ${runId}:`, error));
    }
    return this.work;
  }

  /** The engine is ready, perhaps after a crash: what it had goes on from its newest checkpoint. */
  async engineReady(): Promise<void> {
    await this.work;
    const interrupted = this.activeId;
    this.activeId = undefined;
    if (interrupted !== undefined) await this.train(await getRun(this.store, interrupted));
    else await this.next();
  }

  /** The engine crashed too often. */
  async engineFailed(error: RunError): Promise<void> {
    await this.work;
    if (this.activeId === undefined) return;
    await this.ended(this.activeId, 'paused', error);
  }

  /** Saves and pauses what trains; the engine may be ended afterwards. */
  async close(): Promise<void> {
    if (this.activeId !== undefined && this.engine.state.status === 'ready') await this.pause(this.activeId);
    await this.work;
    this.room.forget();
  }

  private async pinsOf(runId: string): Promise<string[]> {
    const checkpoints = await listRunCheckpoints(this.store, runId);
    return checkpoints.filter(({ pinned }) => pinned).map(({ id }) => id);
  }

  private requireActive(id: string): void {
    if (this.activeId !== id)
      throw new StudioError('input-invalid', 'This run is not training now.', 'Start or resume it first.');
  }

  private keepViews(runId: string, { student, teacher, fake, ...views }: WrittenViews): RunViews {
    const media = (name: string) => `pictures/${name}`;
    const kept = {
      ...{ runId, ...views, student: media(student), teacher: media(teacher) },
      fake: fake === null ? null : media(fake),
    };
    this.lastViews.set(runId, kept);
    return kept;
  }

  private isTaken(): boolean {
    return this.activeId !== undefined;
  }

  private async train(run: Run): Promise<void> {
    this.activeId = run.id;
    this.isPausing = false;
    try {
      const recipe = await withLocations(this.store, draftRecipeSchema.parse(run.recipe));
      const sweep = await sweepOfRun(this.store, run.id);
      const training = {
        runId: run.id,
        runFolder: runFolder(this.store.data, run.id),
        pictureFolder: this.pictureFolder,
        kind: kindOf(run),
        pinned: await this.pinsOf(run.id),
        recipe,
        measuring: sweep
          ? { plan: await locatedPlan(this.store, sweep.sweep), pictures: sweepPictures(this.store.data) }
          : null,
      };
      this.tellRun(await setRunStatus(this.store, run.id, 'running'));
      await this.engine.api.train(training);
    } catch (error) {
      // A crash keeps the run: it goes on when the engine is back.
      if (error instanceof StudioError && error.code === 'connection-lost') return;
      await this.ended(run.id, 'failed', toFailure(error));
    }
  }

  private async record(runId: string, entry: JournalEntry): Promise<void> {
    const journal = storeJournal(this.store, { id: runId });
    switch (entry.kind) {
      case 'began':
        await journal.began(entry.iteration);
        this.tellRun(await getRun(this.store, runId));
        await this.retuneIfDue(runId, entry.iteration);
        return;
      case 'metrics': {
        await journal.metrics(entry.points.map((point) => ({ ...point, value: point.value ?? NaN })));
        this.tellMetrics(runId, entry.points);
        if (Date.now() - this.judgedAt >= JUDGE_EVERY) await this.judge(runId);
        return;
      }
      case 'checkpoint':
        await journal.checkpoint(entry.checkpoint, entry.best ?? undefined);
        await forgetPruned(this.store, runId);
        this.emit('runs.checkpoint', {
          runId,
          checkpoint: asCheckpoint({
            ...entry.checkpoint,
            pinned: false,
            best: entry.best === entry.checkpoint.id,
          }),
        });
        await this.retuneIfDue(runId, entry.checkpoint.step);
        return;
      case 'frame':
        this.emit('runs.frame', asFrame(await recordFrame(this.store, runId, entry.frame)));
        this.emit('projects.changed', {});
        return;
      case 'views':
        this.emit('runs.views', this.keepViews(runId, entry.views));
        return;
      case 'ended':
        await this.judge(runId);
        if (entry.error?.code === 'disk-full' && !this.isPausing) await this.waitForRoom(runId, entry.error);
        else await this.ended(runId, entry.status, entry.error && fromFailure(entry.error));
    }
  }

  /** The fork comes next, as soon as this run is saved and stopped. A sweep compares its runs as they are. */
  private async retuneIfDue(runId: string, step: number): Promise<void> {
    if (this.isPausing || this.activeId !== runId || (await sweepOfRun(this.store, runId))) return;
    const retune = await retuneIfDue(this.store, runId, step);
    if (!retune) return;
    const { verdict, changes } = retune;
    const [run, fork] = [asRun(retune.parent), asRun(retune.fork)];
    await this.arrange([fork.id]);
    this.emit('runs.changed', fork);
    this.emit('runs.retuned', { run, fork, verdict: verdict.code, changes });
    // Not awaited: what ends this run is recorded behind this entry.
    void this.pause(runId).catch((error: unknown) => console.error(`The pause of run ${runId}:`, error));
  }

  /** It and those behind it go on when there is room: none of them could save what it learns. */
  private async waitForRoom(runId: string, { code, message }: RunError): Promise<void> {
    await this.room.ranOut();
    const hint = 'Make room on this disk: the run then goes on by itself.';
    await this.ended(runId, 'queued', { code, message, hint });
    await this.arrange([runId]);
  }

  private async ended(
    runId: string,
    status: 'done' | 'paused' | 'failed' | 'queued',
    error?: RunError,
  ): Promise<void> {
    this.tellRun(await setRunStatus(this.store, runId, status, error));
    this.emit('projects.changed', {});
    if (this.activeId !== runId) return;
    this.activeId = undefined;
    for (const resolve of this.waiters.splice(0)) resolve();
    void this.next();
  }

  private async judge(runId: string): Promise<void> {
    this.judgedAt = Date.now();
    this.emit('runs.verdicts', { runId, verdicts: await judgeRun(this.store, runId) });
  }

  private async tellOrder(): Promise<void> {
    this.emit('runs.order', { ids: await this.order() });
  }

  private tellRun(run: Run): void {
    this.emit('runs.changed', asRun(run));
  }

  private tellMetrics(
    runId: string,
    points: readonly { readonly name: string; readonly step: number; readonly value: number | null }[],
  ): void {
    const steps = new Map<number, Record<string, number | null>>();
    for (const { name, step, value } of points) {
      const values = steps.get(step) ?? {};
      values[name] = value;
      steps.set(step, values);
    }
    this.emit('runs.metrics', {
      runId,
      points: [...steps].map(([step, values]) => ({ step, values })),
    });
  }
}
