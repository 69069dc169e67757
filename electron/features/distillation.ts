/** One distillation under a journal: the run, its frames through time, its student. */
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { isSupervised, parseRecipe, type Recipe } from '../../engine/contract/recipe.ts';
import { wholeFrom } from '../../engine/contract/studentSampling.ts';
import { deviationOf } from '../../engine/metrics/spread.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { openDistillation, type DistillationJob } from '../../engine/training/distillationJob.ts';
import { openStudentDistance } from '../../engine/training/studentDistance.ts';
import { isOfSameRun } from '../../engine/training/selection.ts';
import type { Trainable, TrainingOutcome } from '../../engine/training/trainingRun.ts';
import type { Reporter } from '../terminal/reporter.ts';
import type { Store } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { QUALITY } from '../store/metrics.ts';
import { framesFolder, keepFrame } from './frames.ts';
import { readFrames } from './pictures.ts';
import { previewsOf } from './previews.ts';
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
  /** Student, teacher and fake score of the same seed are looked at with every frame, and whenever asked. */
  readonly views?: ViewsWatcher;
  /** What is measured with every frame; kept as metrics of the run, `quality.` before their names. */
  readonly measure?: (job: DistillationJob) => Promise<Readonly<Record<string, number>>>;
  /** After the last iteration, before the run counts as done. */
  readonly onCompleted?: (job: DistillationJob, made: WeightsMade) => Promise<void>;
}

/** How the weights were made that a job ends with, for its student's model.json. */
export interface WeightsMade {
  readonly iterations: number;
  /** A parent's, where a fork ends with the best of the iterations before it. */
  readonly recipe: Recipe;
}

/** Pictures of the previews as the student makes them and as the others predict them from there at τ. */
export interface Views {
  readonly step: number;
  readonly tau: number;
  readonly captions: readonly string[];
  readonly student: Buffer;
  readonly teacher: Buffer;
  readonly fake: Buffer | undefined;
}

export interface ViewsWatcher {
  /** The τ to look at with the next frame. */
  readonly tau: () => number;
  readonly show: (views: Views) => Promise<void>;
  /** Gets, once, what looks at the model as it is; only between two iterations. */
  readonly offer: (look: (tau: number) => Promise<Views>) => void;
}

export interface FinishedDistillation {
  readonly job: DistillationJob;
  readonly completed: boolean;
  readonly iteration: number;
  readonly made: WeightsMade;
}

/** Trains the run to its end or until it is paused; the caller disposes the job. */
export async function distilRun(
  journal: RunJournal,
  recipe: Recipe,
  options: DistillationOptions,
): Promise<FinishedDistillation> {
  const { backend, seed, reporter, signal, onCompleted } = options;
  const job = await openDistillation(recipe);
  reporter.note(`Matrix products: ${job.precision.reason}`);
  const previews = previewsOf(job, options.previews);
  const { count, condition, captions } = previews;
  const request = { seed, count, condition };
  const { training } = recipe;
  let step = 0;
  const look = async (tau: number): Promise<Views> => {
    const { student, teacher, fake } = await job.views(request, tau);
    return {
      ...{ step, tau, captions },
      student: await previews.picture(student),
      teacher: await previews.picture(teacher),
      fake: fake && (await previews.picture(fake)),
    };
  };
  options.views?.offer(look);
  const watched: Trainable = {
    ...job,
    async iterate(iteration) {
      const metrics = await job.iterate(iteration);
      // What the deviation of the student's samples is judged by; told once, with the first iteration.
      const first = step === 0 && { data_deviation: dataDeviation(job.teacher.info) };
      step = iteration + 1;
      return { ...metrics, ...first };
    },
  };
  const { chooseBest, patience } = recipe.supervision;
  const distance = isSupervised(recipe) ? await openStudentDistance(job) : undefined;
  const outcome = await trainRun(
    journal,
    watched,
    {
      ...training,
      supervision: distance && {
        measure: () => distance.measure(),
        from: wholeFrom(recipe),
        patience,
        chooseBest: chooseBest === 'on',
      },
      between: options.between,
      wantsFrame: options.wantsFrame,
      pinned: options.pinned,
      onCompleted: onCompleted && ((outcome) => onCompleted(job, madeBy(recipe, outcome))),
      description: {
        kind: 'distillation',
        recipe,
        teacher: job.teacher.sha256,
        backend: { name: backend.name, version: backend.version },
      },
      async onSample(iteration) {
        step = iteration;
        const views = await (options.views ? look(options.views.tau()) : undefined);
        const picture = views?.student ?? (await previews.picture((await job.sample(request)).values));
        const made = { seed, student: `${recipe.name}, iteration ${iteration}`, recipe };
        await keepFrame(journal, iteration, picture, made, captions);
        if (views) await options.views?.show(views);
        const measured = Object.entries((await options.measure?.(job)) ?? {});
        await journal.metrics(
          measured.map(([name, value]) => ({ name: `${QUALITY}${name}`, step: iteration, value })),
        );
      },
    },
    reporter,
    signal,
  );
  distance?.dispose();
  const { completed, iteration } = outcome;
  return { job, completed, iteration, made: madeBy(recipe, outcome) };
}

function madeBy(recipe: Recipe, { weightsOf, chosen }: TrainingOutcome): WeightsMade {
  const isInherited = chosen !== undefined && !isOfSameRun(chosen, { recipe });
  return { iterations: weightsOf, recipe: isInherited ? parseRecipe(chosen['recipe']) : recipe };
}

/** Standard deviation of all of the data's values, from their root mean square. */
const dataDeviation = ({ dataDeviation: rms, statistics }: ModelInfo) =>
  Math.sqrt(Math.max(0, rms ** 2 - statistics.mean ** 2));

/** The run's frames as a strip of a comparison. */
export async function stripOf(store: Store, run: Run, size: number, description: string): Promise<Strip> {
  const frames = await readFrames(framesFolder(store, run), size);
  return {
    label: run.name,
    description,
    frames: frames.map((frame) => ({ ...frame, xStd: deviationOf(frame.images.data), metrics: {} })),
  };
}
