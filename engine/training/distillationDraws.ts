/**
 * Everything random of an iteration of distribution matching: drawn on the host from (seed, purpose, step), fed to the
 * captured steps, and found again in their feeds.
 */
import { usesFakeScore, usesGan, type Recipe } from '../contract/recipe.ts';
import type { CriticDraws } from '../distillation/critics.ts';
import type { StudentDraws } from '../distillation/distillStep.ts';
import { drawFakeTimes, drawRenoising } from '../distillation/renoising.ts';
import { sameTime } from '../flow/timesteps.ts';
import { conditionFeeds, conditionOf } from '../model/conditions.ts';
import type { Condition, Network } from '../model/network.ts';
import { prefixed, under } from '../model/parameters.ts';
import { normalNoise } from '../tensor/noise.ts';
import { randomIntegers, randomUniform, type Purpose } from '../tensor/random.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import type { Step } from '../tensor/step.ts';
import type { DistillationParts } from './distillation.ts';
import { adamFeed } from './optimizers.ts';
import type { BatchSource, ConditionSource } from './sources.ts';

/** What of the student an iteration trains. */
export interface TrainedPart {
  /** Iterations since the optimisers began. */
  readonly done: number;
  /** Of the student's steps: the first, and the one after the last. */
  readonly steps: readonly [number, number];
  /** The time at which they end, in Phased DMD; otherwise data. */
  readonly end?: number;
  /** What simulates a step before those, where the student does not. */
  readonly earlier?: (step: number) => Step | undefined;
}

/** What one update is fed. */
export interface UpdateDraws {
  /** Noise in the place of z, where `simulation` is not empty. */
  readonly feeds: NamedTensors;
  /** Of each of the student's steps before the drawn one, without z. */
  readonly simulation: readonly NamedTensors[];
}

export class DistillationDraws {
  private readonly recipe: Recipe;
  private readonly network: Network;
  /** The student's times, noise first. */
  private readonly times: readonly number[];
  private readonly conditions: ConditionSource;
  private readonly batches: BatchSource;

  constructor({ recipe, denoiser, conditions, batches }: DistillationParts, times: readonly number[]) {
    this.recipe = recipe;
    this.network = denoiser.network;
    this.times = times;
    this.conditions = conditions;
    this.batches = batches;
  }

  /** Of the student's update. */
  studentUpdate(iteration: number, part: TrainedPart): UpdateDraws {
    const { recipe, times } = this;
    const { optimizer, student, fakeScore } = recipe;
    const { index, feeds, simulation } = this.sample(iteration * (fakeScore.stepsPerStudentStep + 1), part);
    const adam = adamFeed(optimizer, optimizer.learningRate, part.done + 1, student.emaDecay);
    return {
      feeds: { ...feeds, ...this.student(iteration, times[index] ?? 0, part.end), adam },
      simulation,
    };
  }

  /** Of update `k` of the fake score and the discriminator. */
  criticsUpdate(iteration: number, part: TrainedPart, k: number): UpdateDraws {
    const { optimizer, fakeScore, gan } = this.recipe;
    const updates = fakeScore.stepsPerStudentStep;
    const [update, done] = [iteration * updates + k, part.done * updates + k];
    const { feeds, simulation } = this.sample(iteration * (updates + 1) + 1 + k, part);
    return {
      feeds: {
        ...feeds,
        ...this.fake(iteration, update, part.end),
        ...(usesFakeScore(this.recipe) && {
          'adam.fake': adamFeed(optimizer, fakeScore.learningRate, done + 1),
        }),
        ...this.discriminator(update),
        ...(usesGan(this.recipe) && {
          'adam.discriminator': adamFeed(optimizer, gan.learningRate, done + 1),
        }),
      },
      simulation,
    };
  }

  /** Which of the student's steps a sample is of, what it is asked to be, and the noise that it and each step begin with. */
  private sample(draw: number, { steps: [first, after], end }: TrainedPart) {
    const { recipe, network, times } = this;
    const { batch } = recipe.training;
    const key = { seed: recipe.seed, purpose: 'simulation', step: draw } as const;
    const index = first + (randomIntegers(key, 1, after - first)[0] ?? 0);
    const condition = conditionFeeds(network.conditioning, this.conditions(draw, batch));
    const at = (time: number) => sameTime(time, batch);
    return {
      index,
      feeds: {
        ...{ z: this.noise('noise', draw), t: at(times[index] ?? 0), ...condition },
        ...(end !== undefined && { end: at(end) }),
      },
      simulation: Array.from({ length: index }, (_, k) => ({
        ...{ t: at(times[k] ?? 0), next: at(times[k + 1] ?? 0) },
        ...{ noise: this.noise('simulation', draw, k + 1), ...condition },
      })),
    };
  }

  /** (B, …) */
  private noise(purpose: Purpose, step: number, index = 0): Tensor {
    const shape = [this.recipe.training.batch, ...this.network.sampleShape];
    return normalNoise({ seed: this.recipe.seed, purpose, step, index }, shape);
  }

  /** τ (B) and noise (B, …) of the terms of a student's update. */
  private student(iteration: number, studentTime: number, end?: number): NamedTensors {
    const { recipe } = this;
    const { tauDM, tauCA } = drawRenoising(recipe, iteration, studentTime, recipe.training.batch, end);
    const needs = { dm: recipe.distributionMatching.weight > 0, ca: recipe.cfgAugmentation.weight > 0 };
    const shares = recipe.renoising.schedule === 'coupled-shared' && needs.dm;
    return {
      ...(needs.dm && { tauDM: tf.tensor1d(tauDM), noiseDM: this.noise('renoiseDM', iteration, 1) }),
      ...(needs.ca &&
        !shares && { tauCA: tf.tensor1d(tauCA), noiseCA: this.noise('renoiseCA', iteration, 1) }),
      ...(usesGan(recipe) && {
        tauGan: this.ganTimes('discriminate', iteration, 0),
        noiseGan: this.noise('discriminate', iteration, 1),
      }),
    };
  }

  /** τ' (B) and noise (B, …) at which the fake score learns; none where there is no such model. */
  private fake(iteration: number, update: number, end?: number): NamedTensors {
    const { recipe } = this;
    if (!usesFakeScore(recipe)) return {};
    return {
      tau: tf.tensor1d(drawFakeTimes(recipe, iteration, update, recipe.training.batch, end)),
      noise: this.noise('fakeRenoise', update),
    };
  }

  /** Real samples with their conditions, and τ, noise and direction of a discriminator's update; none without a GAN. */
  private discriminator(update: number): NamedTensors {
    if (!usesGan(this.recipe)) return {};
    const { sampleShape, conditioning } = this.network;
    const { batch } = this.recipe.training;
    const { x1, condition } = this.batches(update, batch);
    const at = (index: number) => this.ganTimes('discriminatorUpdate', update, index);
    const noise = (index: number) => this.noise('discriminatorUpdate', update, index);
    return {
      ...prefixed('real', {
        ...conditionFeeds(conditioning, condition),
        x: tf.tensor(x1, [batch, ...sampleShape]),
      }),
      ...{
        tauReal: at(0),
        tauGenerated: at(1),
        noiseReal: noise(2),
        noiseGenerated: noise(3),
        direction: noise(4),
      },
    };
  }

  /** τ of the discriminator's samples, uniform in its range. */
  private ganTimes(purpose: Purpose, step: number, index: number): Tensor1D {
    const { seed, training, gan } = this.recipe;
    const draws = randomUniform({ seed, purpose, step, index }, training.batch);
    return tf.tensor1d(draws.map((u) => gan.rangeMin + u * (gan.rangeMax - gan.rangeMin)));
  }
}

/** What `distillStep` reads of the feeds. */
export function studentDrawsOf(feeds: NamedTensors): StudentDraws {
  return {
    z: named(feeds, 'z'),
    t: named(feeds, 't') as Tensor1D,
    condition: conditionOf(feeds),
    ...(feeds['end'] && { end: feeds['end'] as Tensor1D }),
    ...(feeds['tauDM'] && { tauDM: feeds['tauDM'] as Tensor1D }),
    ...(feeds['noiseDM'] && { noiseDM: feeds['noiseDM'] }),
    ...(feeds['tauCA'] && { tauCA: feeds['tauCA'] as Tensor1D }),
    ...(feeds['noiseCA'] && { noiseCA: feeds['noiseCA'] }),
    ...(feeds['tauGan'] && { tauGan: feeds['tauGan'] as Tensor1D }),
    ...(feeds['noiseGan'] && { noiseGan: feeds['noiseGan'] }),
  };
}

/** What `criticLoss` reads of the feeds, for the student's samples x (B, …). */
export function criticDrawsOf(feeds: NamedTensors, x: Tensor): CriticDraws {
  const condition = conditionOf(feeds);
  const sample = (of: string, values: Tensor, c: Condition) => ({
    x: values,
    noise: named(feeds, `noise${of}`),
    tau: named(feeds, `tau${of}`) as Tensor1D,
    condition: c,
  });
  return {
    ...(feeds['tau'] && {
      fake: { ...sample('', x, condition), ...(feeds['end'] && { end: feeds['end'] as Tensor1D }) },
    }),
    ...(feeds['tauReal'] && {
      gan: {
        real: sample('Real', named(feeds, 'real.x'), conditionOf(under(feeds, 'real'))),
        generated: sample('Generated', x, condition),
        direction: named(feeds, 'direction'),
      },
    }),
  };
}
