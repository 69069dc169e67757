/**
 * How far a student is from what it should be, as one number that is cheap enough for every checkpoint: always the
 * same conditions and noise, so that only the student makes a difference. Reports measure more: `metrics/imageMetrics.ts`.
 */
import { StudioError } from '../contract/errors.ts';
import { aimedGuidance } from '../contract/recipe.ts';
import { permutation } from '../data/permutation.ts';
import { gatherImages } from '../data/dataset.ts';
import { fitGaussian, gaussianDistance } from '../metrics/frechet.ts';
import { resizeImages } from '../metrics/resize.ts';
import { classSlicedWasserstein, type LabelledPoints } from '../metrics/slicedWasserstein.ts';
import type { SampleRequest } from '../sampling/sampler.ts';
import { readBundledClassifier } from './bundledClassifier.ts';
import type { DistillationJob } from './distillationJob.ts';
import { samplerOf } from './modelSampler.ts';

export interface StudentDistance {
  /** Of the averaged student as it is now; 0 is perfect, not finite where its samples are not. */
  measure(): Promise<number>;
  dispose(): void;
}

/** What is measured of the job; the rest of it does not matter here. */
export type Measured = Pick<DistillationJob, 'recipe' | 'teacher' | 'data' | 'sample'>;

const POINTS = 2048;
const PICTURES = 256;
/** Real pictures that the samples are compared with; of larger sets a fixed random part. */
const REAL_PICTURES = 1024;
/** The samples' noise and conditions. */
const SEED = 7;
/** The teacher's own noise, so that no sample is compared with its twin. */
const TEACHER_SEED = 8;
const TEACHER_STEPS = 50;

/**
 * Points: class-conditional sliced W₁ to the teacher's guided samples, since the data are not what guidance aims at.
 * Pictures: Fréchet distance in the bundled classifier's features to the data's, or where there are none to the
 * teacher's guided samples.
 *
 * @throws StudioError 'file-invalid' for a damaged classifier.
 */
export function openStudentDistance(job: Measured): Promise<StudentDistance> {
  return job.teacher.info.network.family === 'dit' ? pictureDistance(job) : pointDistance(job);
}

async function pointDistance(job: Measured): Promise<StudentDistance> {
  const classCount = job.teacher.info.classNames.length;
  const classes = Int32Array.from({ length: POINTS }, (_, i) => i % classCount);
  const request = { seed: SEED, count: POINTS, condition: { classes } };
  const labelled = (values: Float32Array): LabelledPoints => ({
    points: { values, count: POINTS, width: 2 },
    classes,
  });
  const reference = labelled(await guidedSamples(job, request));
  return {
    async measure() {
      const { values } = await job.sample(request);
      return values.every(Number.isFinite) ? classSlicedWasserstein(labelled(values), reference) : NaN;
    },
    dispose: () => undefined,
  };
}

async function pictureDistance(job: Measured): Promise<StudentDistance> {
  const { network } = job.teacher.info;
  if (network.family !== 'dit') throw new StudioError('internal', 'Only pictures have a Fréchet distance.');
  const { dataset } = job.data;
  const condition = job.data.conditions(0, PICTURES, SEED);
  const request = { seed: SEED, count: PICTURES, condition };
  const classifier = await readBundledClassifier();
  const gaussian = async (data: Float32Array, side: number) => {
    const images = { data, count: data.length / (3 * side * side), height: side, width: side };
    const { features } = await classifier.look(resizeImages(images, classifier.description.config.size));
    return fitGaussian(features);
  };
  const real = dataset && permutation(SEED, 0, dataset.count).subarray(0, REAL_PICTURES);
  const reference = real
    ? await gaussian(gatherImages(dataset, real), dataset.size)
    : await gaussian(await guidedSamples(job, request), network.size);
  return {
    measure: async () =>
      gaussianDistance(await gaussian((await job.sample(request)).values, network.size), reference),
    dispose: () => classifier.dispose(),
  };
}

/** What the student aims at. */
async function guidedSamples({ recipe, teacher }: Measured, request: SampleRequest): Promise<Float32Array> {
  const sampler = samplerOf(teacher);
  try {
    const sampling = { steps: TEACHER_STEPS, guidance: aimedGuidance(recipe) };
    return (await sampler.teacher({ ...request, seed: TEACHER_SEED }, sampling)).values;
  } finally {
    sampler.dispose();
  }
}
