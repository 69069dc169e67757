/** One teacher's training under a journal: the run, its frames through time, its loss curve. */
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { z } from 'zod';
import type { CheckpointState } from '../../engine/training/checkpoint.ts';
import { modelInfoSchema, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import type { TeacherJob } from '../../engine/training/teacherJob.ts';
import type { Trainable, TrainingOutcome } from '../../engine/training/trainingRun.ts';
import type { Store } from '../store/database.ts';
import { listMetrics, readCurve } from '../store/metrics.ts';
import type { Run } from '../store/runs.ts';
import type { Reporter } from '../terminal/reporter.ts';
import { keepFrame } from './frames.ts';
import { captionsOfClasses, promptsFor } from './pictures.ts';
import { rowPicture } from './previews.ts';
import type { RunJournal } from './runJournal.ts';
import { trainRun, type TrainingPlan } from './runTraining.ts';

/** Names the checkpoints of teachers. */
export const teacherTraining = 'teacher training';

/** Fields that were changed when a run went on from an iteration. */
export interface RecipeChange {
  readonly iteration: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a training has behind it when it starts or goes on. */
export interface TrainingHistory {
  readonly seconds: number;
  readonly changes: readonly RecipeChange[];
}

/** The recipe of a run's newest checkpoint and what it has behind it; without a checkpoint, the run's own recipe. */
export function teacherHistory(
  state: CheckpointState | undefined,
  recipe: unknown,
): TrainingHistory & { readonly recipe: Readonly<Record<string, unknown>> } {
  const begun = { recipe, seconds: 0, changes: [] };
  return madeSchema.parse(state ? modelInfoSchema.parse(state['model']).made : begun);
}

export interface TeacherRunOptions {
  readonly backend: ActiveBackend;
  readonly history: TrainingHistory;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly between?: TrainingPlan['between'];
  readonly wantsFrame?: TrainingPlan['wantsFrame'];
  readonly pinned?: TrainingPlan['pinned'];
  /** After the last iteration, before the run counts as done. */
  readonly onCompleted?: (made: ModelInfo['made']) => Promise<void>;
}

export interface TeacherOutcome extends TrainingOutcome {
  /** How the teacher was made so far, for its `model.json`. */
  readonly made: ModelInfo['made'];
}

const madeSchema = z.object({
  recipe: z.record(z.string(), z.unknown()),
  seconds: z.number(),
  changes: z.array(z.object({ iteration: z.int(), fields: z.record(z.string(), z.string()) })),
});

const PREVIEWS = 8;
const PREVIEW_SEED = 1;
const previewSampling = { steps: 20, guidance: 2.5 } as const;
/** Losses of single batches are noisy: the final loss is the mean of so many. */
const FINAL_LOSSES = 100;

/** Trains the run to its end or until it is paused. */
export async function trainTeacherRun(
  journal: RunJournal,
  job: TeacherJob,
  { backend, history, reporter, signal, between, wantsFrame, pinned, onCompleted }: TeacherRunOptions,
): Promise<TeacherOutcome> {
  const { recipe, info, data } = job;
  reporter.note(`Matrix products: ${job.precision.reason}`);
  const started = performance.now();
  const made = () => ({
    recipe,
    seconds: Math.round(history.seconds + (performance.now() - started) / 1000),
    backend: { name: backend.name, version: backend.version },
    changes: history.changes.map(({ iteration, fields }) => ({ iteration, fields: { ...fields } })),
  });
  const losses: number[] = [];
  const watched: Trainable = {
    ...job,
    async iterate(iteration) {
      const values = await job.iterate(iteration);
      losses.push(values['loss'] ?? NaN);
      if (losses.length > FINAL_LOSSES) losses.shift();
      return values;
    },
  };
  const madeUntil = (iterations: number) => ({ ...made(), iterations, finalLoss: mean(losses) });
  const outcome = await trainRun(
    journal,
    watched,
    {
      between,
      wantsFrame,
      pinned,
      onCompleted: onCompleted && (({ iteration }) => onCompleted(madeUntil(iteration))),
      ...recipe.training,
      description: {
        kind: teacherTraining,
        // Read anew at every checkpoint, for the seconds.
        get model() {
          return { ...info, made: made() };
        },
      },
      onSample: (iteration) => sampleFrame(journal, job, iteration),
    },
    reporter,
    signal,
  );
  if (data.dataset === undefined) reporter.note('A toy has no pictures, so no frames were written.');
  return { ...outcome, made: madeUntil(outcome.iteration) };
}

/** Null where nothing was trained. */
const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The metrics of every iteration as CSV, one column each. */
export async function curveCsv(store: Store, run: Run, iterations: number): Promise<string> {
  const names = await listMetrics(store, run.id);
  const rows = new Map<number, Map<string, number>>();
  for (const name of names) {
    for (const { step, mean } of await readCurve(store, run.id, name, { pieces: iterations })) {
      const row = rows.get(step) ?? new Map<string, number>();
      rows.set(step, row.set(name, mean));
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, row]) => [step, ...names.map((name) => row.get(name) ?? '')].join(','));
  return `${[['iteration', ...names].join(','), ...lines].join('\n')}\n`;
}

async function sampleFrame(journal: RunJournal, job: TeacherJob, iteration: number): Promise<void> {
  const { dataset, tokeniser } = job.data;
  if (!dataset) return;
  const captions = captionsOfClasses(dataset, PREVIEWS);
  const { condition } = promptsFor({ info: job.info, tokeniser }, captions, dataset);
  const { values } = await job
    .sampler()
    .teacher({ seed: PREVIEW_SEED, count: captions.length, condition }, previewSampling);
  const images = { data: values, count: captions.length, height: dataset.size, width: dataset.size };
  const { recipe } = job;
  const made = { seed: PREVIEW_SEED, student: `${recipe.name}, iteration ${iteration}`, recipe };
  await keepFrame(journal, iteration, await rowPicture(images), made, captions);
}
