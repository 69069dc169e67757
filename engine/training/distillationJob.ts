/** A distillation from its recipe: teacher, data and trainer, ready for the shared loop and for sampling. */
import { isPromptData } from '../contract/promptData.ts';
import type { Recipe } from '../contract/recipe.ts';
import { expertStarts, studentSampling, type StudentSampling } from '../contract/studentSampling.ts';
import { toHost } from '../model/parameters.ts';
import { Sampler, type SampleRequest, type Samples } from '../sampling/sampler.ts';
import { choosePrecision, type PrecisionChoice } from '../tensor/precision.ts';
import { dispose } from '../tensor/tf.ts';
import { createDistillation } from './createDistillation.ts';
import { requireTeacher, type ModelInfo } from '../contract/modelInfo.ts';
import { PredictedViewer, type PredictedViews } from './predictedViews.ts';
import { createDenoiser, readModel, weightTensors, type Model } from './modelFile.ts';
import { openPromptData } from './promptData.ts';
import { openTrainingData, type TrainingData } from './trainingData.ts';
import type { Trainable } from './trainingRun.ts';

export interface DistillationJob extends Trainable {
  readonly recipe: Recipe;
  readonly teacher: Model;
  readonly data: TrainingData;
  /** How the student samples now; progressive distillation takes fewer steps from stage to stage. */
  readonly sampling: StudentSampling;
  readonly times: readonly number[];
  readonly precision: PrecisionChoice;
  /** A sampler with the student's averaged weights as they are now; one object, refreshed at each call. */
  sampler(): Sampler;
  /** Samples of the averaged student in its own way. */
  sample(request: SampleRequest): Promise<Samples>;
  /** The student's samples, and what teacher and fake score predict from them re-noised to τ. */
  views(request: SampleRequest, tau: number): Promise<PredictedViews & { readonly student: Float32Array }>;
  /** The student's averaged weights on the host. */
  studentWeights(): Record<string, Float32Array>;
  dispose(): void;
}

/** Opens the teacher and the data that the recipe names. @throws StudioError for either. */
export async function openDistillation(recipe: Recipe): Promise<DistillationJob> {
  const teacher = await readModel(recipe.teacher);
  requireTeacher(teacher.info);
  const data = await openDataFor(teacher, recipe.data);
  const weights = weightTensors(teacher);
  const precision = await choosePrecision(recipe.training.precision);
  const chosen = { ...recipe, training: { ...recipe.training, precision: precision.products } };
  const trainer = createDistillation({
    denoiser: teacher.denoiser,
    recipe: chosen,
    teacher: weights,
    statistics: data.statistics,
    conditions: (draw, count) => data.conditions(draw, count, recipe.seed),
    batches: (draw, count) => data.batch(draw, count, recipe.seed),
  });
  dispose(weights);
  const { names } = trainer.state;
  const isMoment = (name: string) => /Adam\.(first|second)\./.test(name);
  let sampler: Sampler | undefined;
  let viewer: PredictedViewer | undefined;
  const refreshed = () => {
    const student = trainer.studentWeights();
    if (sampler) sampler.load(student);
    else sampler = new Sampler(createDenoiser({ ...teacher.info, ...expertsOf(recipe) }), student);
    dispose(student);
    return sampler;
  };
  let sampling = studentSampling(recipe, 0);
  const sample = (request: SampleRequest) => refreshed().student(request, sampling.times, sampling.solver);
  return {
    recipe,
    teacher,
    data,
    get sampling() {
      return sampling;
    },
    get times() {
      return sampling.times;
    },
    precision,
    state: trainer.state,
    saved: {
      weights: names.filter((name) => !name.startsWith('teacher.') && !isMoment(name)),
      optimizer: names.filter(isMoment),
    },
    async iterate(iteration) {
      const metrics = await trainer.iterate(iteration);
      sampling = studentSampling(recipe, iteration + 1);
      return metrics;
    },
    restored(iterations) {
      trainer.restored?.(iterations);
      sampling = studentSampling(recipe, iterations);
    },
    sampler: refreshed,
    sample,
    async views(request, tau) {
      const { values } = await sample(request);
      viewer ??= new PredictedViewer(teacher.denoiser, trainer.state, trainer.usesFake);
      return { student: values, ...(await viewer.predict(values, request, tau)) };
    },
    studentWeights: () => toHost(trainer.studentWeights()),
    dispose() {
      sampler?.dispose();
      viewer?.dispose();
      trainer.dispose();
    },
  };
}

/** The data that a recipe names, seen with this teacher's tokens, classes and size. */
export function openDataFor(teacher: Model, name: string): Promise<TrainingData> {
  if (isPromptData(name)) return openPromptData(teacher, name);
  const { info, tokeniser } = teacher;
  const { network, classNames } = info;
  return openTrainingData(name, {
    size: network.family === 'dit' ? network.size : 0,
    captionLength: network.family === 'dit' ? (network.captions?.length ?? 0) : 0,
    tokeniser,
    classNames,
    classBalance: 0,
  });
}

/** Nothing for a student of one network. */
function expertsOf(recipe: Recipe): Pick<ModelInfo, 'experts'> {
  const experts = expertStarts(recipe);
  return experts.length > 0 ? { experts } : {};
}

/** What a student's model.json says. */
export function studentInfo(
  { recipe, teacher, sampling }: Pick<DistillationJob, 'recipe' | 'teacher' | 'sampling'>,
  made: ModelInfo['made'],
): ModelInfo {
  return {
    ...teacher.info,
    role: 'student',
    name: recipe.name,
    times: [...sampling.times],
    solver: sampling.solver,
    ...expertsOf(recipe),
    made: { teacher: { name: teacher.info.name, sha256: teacher.sha256 }, recipe, ...made },
  };
}
