/** Sweeps on a cluster: cells become tasks of one array job, and what the tasks tell comes back into the store. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { v7 as newId } from 'uuid';
import type { ClusterOptions } from '../../engine/contract/cluster.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { draftRecipeSchema } from '../../engine/contract/messages/recipes.ts';
import type { Cell } from '../../engine/contract/sweep.ts';
import { toFailure } from '../bridge/frames.ts';
import type { JournalEntry } from '../engineProcess/messages.ts';
import { withLocations } from '../features/references.ts';
import { locatedPlan } from '../features/sweeps/locatedPlan.ts';
import { openCells, runOfCell } from '../features/sweeps/runSweep.ts';
import { baselinePicture, pictureFile, sweepPictures } from '../features/sweeps/sweepFolder.ts';
import {
  addClusterTasks,
  dropClusterTask,
  keepClusterJob,
  listClusterTasks,
  type ClusterTask,
} from '../store/clusterTasks.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { setRunStatus, type Run } from '../store/runs.ts';
import { keepCell, type KeptSweep } from '../store/sweeps.ts';
import { isAlive, type Slurm } from './slurm.ts';
import { lastWords, readEntries, scriptFile, writeTasks, type Task } from './taskFiles.ts';

/** What a task is run by, on whatever node. */
const PROGRAM = path.resolve(import.meta.dirname, '../clusterTask.ts');

/** Keeps what a run's task told, in order. */
export type RecordEntry = (runId: string, entry: JournalEntry) => Promise<void>;

/** A task whose results are not to come. */
export interface LostTask {
  readonly task: ClusterTask;
  readonly reason: StudioError;
}

export class ClusterJobs {
  private readonly store: Store;
  private readonly slurm: Slurm;
  private readonly record: RecordEntry;
  /** How much of each journal was read, by run or cell. */
  private readonly read = new Map<string, number>();
  /** One thing at a time: a job is not looked for while it is submitted. */
  private work: Promise<unknown> = Promise.resolve();

  constructor(store: Store, slurm: Slurm, record: RecordEntry) {
    this.store = store;
    this.slurm = slurm;
    this.record = record;
  }

  /** Submits what is open and not with the cluster yet. @throws StudioError 'cluster-unavailable'. */
  submit(kept: KeptSweep, options: ClusterOptions): Promise<void> {
    return this.inTurn(async () => {
      await this.collectAll();
      const there = await listClusterTasks(this.store, kept.id);
      const open = (await openCells(this.store, kept)).filter((cell) => !there.some(isOf(cell)));
      if (open.length > 0) await this.submitCells(kept, open, options);
    });
  }

  /** What was told meanwhile, and which tasks ended without a result. @throws StudioError 'cluster-unavailable'. */
  collect(): Promise<LostTask[]> {
    return this.inTurn(() => this.collectAll());
  }

  /** Tells all tasks of a sweep to save and end; they come back as `collect` finds them. */
  cancel(sweepId: string): Promise<void> {
    return this.inTurn(async () => {
      for (const submission of submissionsOf(await listClusterTasks(this.store, sweepId))) {
        const job = await this.jobOf(submission);
        if (job !== undefined) await this.slurm.cancel(job);
      }
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.work.then(work);
    this.work = turn.catch(() => undefined);
    return turn;
  }

  private folderOf(submission: string): string {
    return path.join(this.store.data, 'cluster', submission);
  }

  private async submitCells(kept: KeptSweep, cells: readonly Cell[], options: ClusterOptions): Promise<void> {
    const { store } = this;
    const submission = newId();
    const folder = this.folderOf(submission);
    const runs: Run[] = [];
    const tasks: Task[] = [];
    const rows: ClusterTask[] = [];
    for (const [position, cell] of cells.entries()) {
      const { variant, seed } = cell;
      const run = cell.recipe && (await runOfCell(store, kept, cell));
      if (run) runs.push(run);
      tasks.push(run ? await this.studentTask(kept, run) : await this.teacherTask(kept, cell));
      rows.push({ sweepId: kept.id, variant, seed, runId: run?.id ?? null, submission, position, job: null });
    }
    await writeTasks(folder, tasks);
    // Kept before the cluster is asked, so that an answer that is lost makes no task twice.
    await addClusterTasks(store, rows);
    for (const { id } of runs) await setRunStatus(store, id, 'queued');
    const name = nameOf(submission);
    try {
      const job = await this.slurm.submit({
        ...{ name, tasks: tasks.length, folder, options },
        ...{ script: scriptFile(folder), words: [process.execPath, PROGRAM, folder] },
      });
      await keepClusterJob(store, submission, job);
    } catch (error) {
      // Where the cluster cannot say either whether it has them, they are looked for the next time.
      const job = await this.slurm.find(name).catch(() => null);
      if (job === undefined) {
        await rm(folder, { recursive: true });
        for (const row of rows) await dropClusterTask(store, row);
        for (const { id } of runs) await setRunStatus(store, id, 'paused', toFailure(error));
      }
      if (typeof job !== 'string') throw error;
      await keepClusterJob(store, submission, job);
    }
  }

  private async studentTask(kept: KeptSweep, run: Run): Promise<Task> {
    const { store } = this;
    const recipe = await withLocations(store, draftRecipeSchema.parse(run.recipe));
    return {
      kind: 'student',
      training: {
        ...{ runId: run.id, runFolder: runFolder(store.data, run.id), kind: 'distillation', recipe },
        // Nobody pins while it is there, and nobody looks on: the task has a folder of its own for that.
        ...{ pinned: [], pictureFolder: '' },
        measuring: { plan: await locatedPlan(store, kept.sweep), pictures: sweepPictures(store.data) },
      },
    };
  }

  private async teacherTask({ id, sweep }: KeptSweep, { variant, seed, baseline }: Cell): Promise<Task> {
    if (!baseline) throw new RangeError('a cell without recipe is a baseline');
    const { steps, guidance } = baseline;
    const file = pictureFile(sweepPictures(this.store.data), baselinePicture(id, variant, seed));
    const plan = await locatedPlan(this.store, sweep);
    return { kind: 'teacher', measuring: { plan, steps, guidance, seed, pictureFile: file } };
  }

  private async jobOf({ submission, tasks: [first] }: Submission): Promise<string | undefined> {
    if (first?.job != null) return first.job;
    const job = await this.slurm.find(nameOf(submission));
    if (job !== undefined) await keepClusterJob(this.store, submission, job);
    return job;
  }

  private async collectAll(): Promise<LostTask[]> {
    const lost: LostTask[] = [];
    for (const submission of submissionsOf(await listClusterTasks(this.store))) {
      const job = await this.jobOf(submission);
      // Asked before the journals are read: those of a task that has ended are whole.
      const states =
        job === undefined
          ? new Map<number, string>()
          : await this.slurm.states(
              job,
              submission.tasks.map(({ position }) => position),
            );
      const back = await Promise.all(
        submission.tasks.map((task) =>
          this.collectTask(task, job === undefined ? NOT_SUBMITTED : states.get(task.position)),
        ),
      );
      lost.push(...back.flatMap((task) => task.lost ?? []));
      if (back.every(({ isBack, lost: isLost }) => isBack && !isLost))
        await rm(this.folderOf(submission.submission), { recursive: true, force: true });
    }
    return lost;
  }

  private async collectTask(
    task: ClusterTask,
    state: string | undefined,
  ): Promise<{ isBack: boolean; lost?: LostTask }> {
    const { sweepId, variant, seed, runId, submission, position } = task;
    const key = `${submission}/${position}`;
    const { entries, next } = await readEntries(this.folderOf(submission), position, this.read.get(key) ?? 0);
    let isBack = false;
    for (const entry of entries) {
      if (entry.kind === 'measured') {
        await keepCell(this.store, sweepId, { variant, seed, runId: null, values: entry.values });
        isBack = true;
      } else if (runId !== null && entry.kind !== 'views') {
        await this.record(runId, entry);
        // One that was preempted is begun again by the cluster.
        if (entry.kind === 'began') isBack = false;
        if (entry.kind === 'ended') isBack = entry.status !== 'paused';
      }
    }
    this.read.set(key, next);
    if (!isBack && state !== NOT_SUBMITTED && isAlive(state)) return { isBack };
    this.read.delete(key);
    if (isBack) {
      await dropClusterTask(this.store, task);
      return { isBack };
    }
    const reason = reasonOf(state, await lastWords(this.folderOf(submission), position));
    if (runId !== null)
      await this.record(runId, { kind: 'ended', status: 'paused', error: toFailure(reason) });
    await dropClusterTask(this.store, task);
    return { isBack: true, lost: { task, reason } };
  }
}

interface Submission {
  readonly submission: string;
  readonly tasks: readonly ClusterTask[];
}

const submissionsOf = (tasks: readonly ClusterTask[]): Submission[] =>
  [...Map.groupBy(tasks, ({ submission }) => submission)].map(([submission, own]) => ({
    submission,
    tasks: own,
  }));

const nameOf = (submission: string): string => `stillroom-${submission}`;

const isOf =
  ({ variant, seed }: Cell) =>
  (task: ClusterTask): boolean =>
    task.variant === variant && task.seed === seed;

const NOT_SUBMITTED = 'not submitted';

const ends: Readonly<Record<string, string>> = {
  [NOT_SUBMITTED]: 'It did not reach the cluster.',
  TIMEOUT: 'Its time on the cluster ran out.',
  CANCELLED: 'Its task on the cluster was cancelled.',
  OUT_OF_MEMORY: 'Its task on the cluster ran out of memory.',
  NODE_FAIL: 'Its node of the cluster failed.',
};

const reasonOf = (state: string | undefined, words: string | undefined): StudioError =>
  new StudioError(
    'cluster-unavailable',
    ends[state ?? ''] ?? `Its task on the cluster ended early${words === undefined ? '' : `: ${words}`}.`,
    'It goes on from its newest checkpoint when the sweep is submitted again.',
  );
