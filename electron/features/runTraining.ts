/** Runs a training under the store: resumed from its newest verified checkpoint, recorded, paused or finished. */
import { StudioError } from '../../engine/contract/errors.ts';
import { readCheckpoint, type CheckpointState } from '../../engine/training/checkpoint.ts';
import { newestVerified } from '../../engine/training/checkpointFolder.ts';
import { runTraining, type Trainable, type TrainingOutcome } from '../../engine/training/trainingRun.ts';
import { recordCheckpoint } from '../store/checkpoints.ts';
import { runFolder } from '../store/dataFolder.ts';
import { openStore, type Store } from '../store/database.ts';
import { discardMetricsAfter, recordMetrics, type MetricPoint } from '../store/metrics.ts';
import { createProject, listProjects } from '../store/projects.ts';
import { reindex } from '../store/reindex.ts';
import { pauseInterruptedRuns, setRunStatus, type Run } from '../store/runs.ts';
import type { Reporter } from '../terminal/reporter.ts';

export interface TrainingPlan {
  readonly iterations: number;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  readonly description: Readonly<Omit<CheckpointState, 'version' | 'step'>>;
  readonly onSample: (iteration: number) => Promise<void>;
}

/** Opens the data folder and brings its index in line with the disk; what had to be repaired is told. */
export async function openStudio(folder: string, reporter: Reporter): Promise<Store> {
  const store = await openStore(folder);
  if (store.recovery)
    reporter.note('The database was damaged and has been restored from its backup.', 'warning');
  await pauseInterruptedRuns(store);
  const { quarantined, unreadable } = await reindex(store);
  for (const { folder: bad, reason } of quarantined)
    reporter.note(`A checkpoint was set aside: ${bad} (${reason})`, 'warning');
  for (const bad of unreadable) reporter.note(`A run cannot be read: ${JSON.stringify(bad)}`, 'warning');
  return store;
}

/** The project of that name, made if need be. */
export async function projectNamed(store: Store, name: string) {
  return (await listProjects(store)).find((project) => project.name === name) ?? createProject(store, name);
}

export async function trainRun(
  store: Store,
  run: Run,
  trainable: Trainable,
  plan: TrainingPlan,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const folder = runFolder(store.data, run.id);
  const { checkpoint } = await newestVerified(folder);
  const from = checkpoint && (await readCheckpoint(checkpoint.folder));
  const start = from?.state.step ?? 0;
  await discardMetricsAfter(store, run.id, start);
  await setRunStatus(store, run.id, 'running');
  if (from) reporter.note(`Resumed at iteration ${start} of ${plan.iterations}.`);
  let points: MetricPoint[] = [];
  const flush = async () => {
    await recordMetrics(store, run.id, points);
    points = [];
  };
  const progress = (done: number, activity?: string) =>
    reporter.progress({ done, total: plan.iterations, unit: 'iterations', ...(activity && { activity }) });
  let done = start;
  progress(start);
  try {
    const outcome = await runTraining(trainable, {
      ...plan,
      runFolder: folder,
      signal,
      ...(from && { from }),
      async onMetrics(iteration, metrics) {
        done = iteration;
        for (const [name, value] of Object.entries(metrics)) points.push({ name, step: iteration, value });
        reporter.metrics(metrics);
        progress(iteration);
        if (points.length > 500) await flush();
      },
      async onSample(iteration) {
        progress(done, 'sampling');
        await plan.onSample(iteration);
        progress(done);
      },
      async onCheckpoint(saved) {
        await recordCheckpoint(store, run.id, saved);
        await flush();
      },
    });
    await setRunStatus(store, run.id, outcome.completed ? 'done' : 'paused');
    return outcome;
  } catch (error) {
    const { code, message, hint } =
      error instanceof StudioError
        ? error
        : new StudioError('internal', error instanceof Error ? error.message : String(error));
    await setRunStatus(store, run.id, code === 'disk-full' ? 'paused' : 'failed', { code, message, hint });
    throw error;
  }
}
