/** AdamW with a global-norm clip, as pure tensor functions; what changes from step to step is fed. */
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor } from '../tensor/tf.ts';

export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest global gradient norm; larger gradients are scaled down to it. */
  readonly clipNorm: number;
}

/** Per-step numbers, as scalar feeds: the learning rate and Adam's bias corrections 1 − βᵏ. */
export function adamFeeds(
  prefix: string,
  config: AdamWConfig,
  learningRate: number,
  step: number,
): NamedTensors {
  return {
    [`${prefix}.learningRate`]: tf.scalar(learningRate),
    [`${prefix}.correction1`]: tf.scalar(1 - config.beta1 ** step),
    [`${prefix}.correction2`]: tf.scalar(1 - config.beta2 ** step),
  };
}

export interface AdamWUpdate {
  /** New weights, and moments under `first.` and `second.`. */
  readonly next: NamedTensors;
  /** Global norm of the gradient before clipping; not finite where the update was withheld. */
  readonly gradientNorm: Scalar;
}

/** Zero moments for the given weights, under `first.` and `second.`. */
export function zeroMoments(weights: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, w]) => [
      [`first.${name}`, tf.zerosLike(w)],
      [`second.${name}`, tf.zerosLike(w)],
    ]),
  );
}

/**
 * One AdamW update (Loshchilov & Hutter 2019). A gradient that is not finite changes no weight: it is replaced
 * by zero and the learning rate by zero.
 *
 * @param state weights by name and their moments under `first.` and `second.`.
 */
export function adamW(
  config: AdamWConfig,
  state: NamedTensors,
  gradients: NamedTensors,
  feeds: NamedTensors,
  prefix: string,
): AdamWUpdate {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = config;
  const squares = Object.values(gradients).map((g) => tf.sum(g.square()));
  const gradientNorm = tf.sqrt(tf.addN(squares)) as Scalar;
  const finite = tf.isFinite(gradientNorm);
  const scale = tf.minimum(1, tf.div(clipNorm, tf.maximum(gradientNorm, 1e-12)));
  const rate = named(feeds, `${prefix}.learningRate`).mul(finite.toFloat());
  const rate1 = rate.div(named(feeds, `${prefix}.correction1`));
  const root2 = tf.rsqrt(named(feeds, `${prefix}.correction2`));
  const next: NamedTensors = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const weight = named(state, name);
    const g = tf.where(finite, gradient.mul(scale), tf.zerosLike(gradient));
    const first = named(state, `first.${name}`)
      .mul(beta1)
      .add(g.mul(1 - beta1));
    const second = named(state, `second.${name}`)
      .mul(beta2)
      .add(g.square().mul(1 - beta2));
    const direction = first.mul(rate1).div(tf.sqrt(second).mul(root2).add(epsilon));
    const decayed = weightDecay === 0 ? weight : weight.sub(weight.mul(rate).mul(weightDecay));
    next[`first.${name}`] = first;
    next[`second.${name}`] = second;
    next[name] = decayed.sub(direction);
  }
  return { next, gradientNorm };
}

/** ema ← decay·ema + (1 − decay)·weight for every name, under `ema.`; `decay` is a scalar feed. */
export function exponentialAverage(state: NamedTensors, weights: NamedTensors, decay: Tensor): NamedTensors {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => {
      const average = named(state, `ema.${name}`);
      return [`ema.${name}`, weight.add(average.sub(weight).mul(decay))];
    }),
  );
}
