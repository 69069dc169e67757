/** One distillation under a journal: the run, its frames through time, its student. */
import type { Recipe } from '../../engine/contract/recipe.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { openDistillation, type DistillationJob } from '../../engine/training/distillationJob.ts';
import type { Reporter } from '../terminal/reporter.ts';
import type { Store } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { framesFolder, keepFrame } from './frames.ts';
import { asImages, captionsOfClasses, promptsFor, readFrames } from './pictures.ts';
import type { Strip } from './comparison/comparison.ts';
import type { RunJournal } from './runJournal.ts';
import { trainRun, type TrainingPlan } from './runTraining.ts';

export interface DistillationOptions {
  readonly backend: ActiveBackend;
  /** Captions of the frames through time; by default one of each class. */
  readonly previews?: readonly string[];
  /** Of the frames' starting noise. */
  readonly seed: number;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly between?: TrainingPlan['between'];
  readonly wantsFrame?: TrainingPlan['wantsFrame'];
  readonly pinned?: TrainingPlan['pinned'];
  /** After the last iteration, before the run counts as done. */
  readonly onCompleted?: (job: DistillationJob, iteration: number) => Promise<void>;
}

export interface FinishedDistillation {
  readonly job: DistillationJob;
  readonly completed: boolean;
  readonly iteration: number;
}

const PREVIEWS = 8;

/** Trains the run to its end or until it is paused; the caller disposes the job. */
export async function distilRun(
  journal: RunJournal,
  recipe: Recipe,
  options: DistillationOptions,
): Promise<FinishedDistillation> {
  const { backend, seed, reporter, signal, onCompleted } = options;
  const job = await openDistillation(recipe);
  const { dataset } = job.data;
  const previews = options.previews ?? (dataset ? captionsOfClasses(dataset, PREVIEWS) : []);
  const prompts = promptsFor(job.teacher, previews, dataset);
  const { training } = recipe;
  const outcome = await trainRun(
    journal,
    job,
    {
      ...training,
      between: options.between,
      wantsFrame: options.wantsFrame,
      pinned: options.pinned,
      onCompleted: onCompleted && ((iteration) => onCompleted(job, iteration)),
      description: {
        kind: 'distillation',
        recipe,
        teacher: job.teacher.sha256,
        backend: { name: backend.name, version: backend.version },
      },
      async onSample(iteration) {
        if (!dataset) return;
        const request = { seed, count: previews.length, condition: prompts.condition };
        const { values } = await job.sampler().student(request, job.times);
        const made = { seed, student: `${recipe.name}, iteration ${iteration}`, recipe };
        await keepFrame(journal, iteration, asImages(values, job.teacher), made, previews);
      },
    },
    reporter,
    signal,
  );
  return { job, ...outcome };
}

/** The run's frames as a strip of a comparison. */
export async function stripOf(store: Store, run: Run, size: number, description: string): Promise<Strip> {
  const frames = await readFrames(framesFolder(store, run), size);
  return {
    label: run.name,
    description,
    frames: frames.map((frame) => ({ ...frame, xStd: deviation(frame.images.data), metrics: {} })),
  };
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
