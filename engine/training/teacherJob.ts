/** A teacher's training from its recipe: data, network and trainer, ready for the shared loop and for sampling. */
import type { TeacherRecipe } from '../contract/teacherRecipe.ts';
import { toHost } from '../model/parameters.ts';
import type { NetworkConfig } from '../model/registry.ts';
import { createNetwork } from '../model/registry.ts';
import { Sampler } from '../sampling/sampler.ts';
import { choosePrecision, type PrecisionChoice } from '../tensor/precision.ts';
import { dispose } from '../tensor/tf.ts';
import type { ModelInfo } from '../contract/modelInfo.ts';
import { TeacherTrainer } from './teacherTrainer.ts';
import { openTrainingData, type TrainingData, type TrainingDataOptions } from './trainingData.ts';
import type { Trainable } from './trainingRun.ts';

export interface TeacherJob extends Trainable {
  readonly recipe: TeacherRecipe;
  readonly data: TrainingData;
  readonly info: ModelInfo;
  readonly precision: PrecisionChoice;
  /** A sampler with the averaged weights as they are now; one object, refreshed at each call. */
  sampler(): Sampler;
  /** The averaged weights on the host. */
  teacherWeights(): Record<string, Float32Array>;
  dispose(): void;
}

/** Tokens a caption; the longest caption of the demo set has 20, nine in ten have at most 11. */
const CAPTION_LENGTH = 16;

export async function openTeacherTraining(
  recipe: TeacherRecipe,
  options: Pick<TrainingDataOptions, 'signal' | 'onProgress'> = {},
): Promise<TeacherJob> {
  const data = await openTrainingData(recipe.data, {
    ...options,
    size: recipe.size,
    captionLength: CAPTION_LENGTH,
    classBalance: recipe.classBalance,
    tokeniser: recipe.network.captions ? 'train' : undefined,
  });
  const network = networkFor(recipe, data);
  const denoiser = { network: createNetwork(network), dataDeviation: data.deviation };
  const precision = await choosePrecision(recipe.training.precision);
  const chosen = { ...recipe, training: { ...recipe.training, precision: precision.products } };
  const trainer = new TeacherTrainer(denoiser, chosen, (step, count) => data.batch(step, count, recipe.seed));
  const { names } = trainer.state;
  const isMoment = (name: string) => /^(first|second)\./.test(name);
  let sampler: Sampler | undefined;
  return {
    recipe,
    data,
    info: {
      version: 1,
      role: 'teacher',
      name: recipe.name,
      network,
      dataDeviation: data.deviation,
      classNames: [...data.classNames],
      tokeniser: data.tokeniser?.toJSON() ?? null,
      statistics: data.statistics,
      times: null,
      solver: 're-noise',
      made: { recipe },
    },
    precision,
    state: trainer.state,
    saved: { weights: names.filter((name) => !isMoment(name)), optimizer: names.filter(isMoment) },
    async iterate(iteration) {
      const { loss, gradientNorm, learningRate } = await trainer.train(iteration);
      return { loss, gradient_norm: gradientNorm, learning_rate: learningRate };
    },
    sampler() {
      const weights = trainer.averagedWeights();
      if (sampler) sampler.load(weights);
      else sampler = new Sampler(denoiser, weights);
      dispose(weights);
      return sampler;
    },
    teacherWeights: () => toHost(trainer.averagedWeights()),
    dispose() {
      sampler?.dispose();
      trainer.dispose();
    },
  };
}

function networkFor({ size, network }: TeacherRecipe, data: TrainingData): NetworkConfig {
  const { width, layers, heads, patch } = network;
  const classes = data.classNames.length;
  if (!data.dataset) return { family: 'mlp', dimensions: 2, width, layers, classes };
  const captions = data.tokeniser && {
    vocabulary: data.tokeniser.vocabulary,
    length: CAPTION_LENGTH,
    width: 128,
    layers: 2,
    heads: 4,
  };
  return {
    family: 'dit',
    size,
    channels: 3,
    patch,
    width,
    layers,
    heads,
    classes,
    captions: captions ?? null,
  };
}
