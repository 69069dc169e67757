/** Runs a training under a journal: resumed from its newest verified checkpoint, recorded, paused or finished. */
import { StudioError } from '../../engine/contract/errors.ts';
import { readCheckpoint } from '../../engine/training/checkpoint.ts';
import { newestVerified } from '../../engine/training/checkpointFolder.ts';
import { isOfSameRun, type Described } from '../../engine/training/selection.ts';
import {
  runTraining,
  type Supervision,
  type Trainable,
  type TrainingOutcome,
} from '../../engine/training/trainingRun.ts';
import type { MetricPoint } from '../store/metrics.ts';
import type { Reporter } from '../terminal/reporter.ts';
import type { RunJournal } from './runJournal.ts';

export interface TrainingPlan {
  readonly iterations: number;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  readonly description: Described;
  readonly onSample: (iteration: number) => Promise<void>;
  readonly supervision?: Supervision | undefined;
  /** Other work that the engine was asked for meanwhile, e.g. pictures; between two iterations. */
  readonly between?: (() => Promise<void>) | undefined;
  /** Whether a picture of this very iteration was asked for; asked once after each. */
  readonly wantsFrame?: (() => boolean) | undefined;
  /** Ids of checkpoints that are never pruned, asked for at each save. */
  readonly pinned?: (() => readonly string[]) | undefined;
  /** After the last iteration, before the run counts as done. */
  readonly onCompleted?: ((outcome: TrainingOutcome) => Promise<void>) | undefined;
}

export async function trainRun(
  journal: RunJournal,
  trainable: Trainable,
  plan: TrainingPlan,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const { checkpoint } = await newestVerified(journal.folder);
  const from = checkpoint && (await readCheckpoint(checkpoint.folder));
  const start = from?.state.step ?? 0;
  await journal.began(start);
  if (from) reporter.note(`Resumed at iteration ${start} of ${plan.iterations}.`);
  let points: MetricPoint[] = [];
  const flush = async () => {
    await journal.metrics(points);
    points = [];
  };
  const progress = (done: number, activity?: string) =>
    reporter.progress({ done, total: plan.iterations, unit: 'iterations', ...(activity && { activity }) });
  let done = start;
  const sample = async (iteration: number) => {
    progress(done, 'sampling');
    await plan.onSample(iteration);
    progress(done);
  };
  progress(start);
  try {
    const outcome = await runTraining(trainable, {
      ...plan,
      runFolder: journal.folder,
      signal,
      ...(from && { from }),
      async onMetrics(iteration, metrics) {
        done = iteration;
        for (const [name, value] of Object.entries(metrics)) points.push({ name, step: iteration, value });
        reporter.metrics(metrics);
        progress(iteration);
        if (points.length >= journal.batch) await flush();
        await plan.between?.();
        if (plan.wantsFrame?.() === true) await sample(iteration);
      },
      onSample: sample,
      async onCheckpoint(saved, best) {
        await flush();
        await journal.checkpoint(saved, best);
      },
    });
    for (const sentence of choice(outcome, plan)) reporter.note(sentence);
    if (outcome.completed) await plan.onCompleted?.(outcome);
    await journal.ended(outcome.completed ? 'done' : 'paused');
    return outcome;
  } catch (error) {
    const { code, message, hint } =
      error instanceof StudioError
        ? error
        : new StudioError('internal', error instanceof Error ? error.message : String(error));
    await flush();
    await journal.ended(code === 'disk-full' ? 'paused' : 'failed', { code, message, hint });
    throw error;
  }
}

/** Why a run that looks after itself ended as it did. */
function* choice(
  { iteration, completed, weightsOf, chosen, selection }: TrainingOutcome,
  { iterations, supervision, description }: TrainingPlan,
): Generator<string> {
  if (!completed || !selection || !supervision) return;
  const { best, since } = selection;
  if (iteration < iterations)
    yield `Ended early at iteration ${iteration} of ${iterations}: ${since} checkpoints in a row came no nearer than that of iteration ${best.step}.`;
  if (!supervision.chooseBest) return;
  const origin = chosen && !isOfSameRun(chosen, description) ? ', from before the fork' : '';
  yield weightsOf === best.step
    ? `The student is that of iteration ${best.step}${origin}, which came nearest, at a distance of ${best.distance.toPrecision(3)}.`
    : `The checkpoint of iteration ${best.step} is damaged, so the student is that of iteration ${weightsOf}.`;
}
