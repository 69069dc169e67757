/** AdamW with a global-norm clip and a moving average, as pure tensor functions; what changes from step to step is fed. */
import { adamWUpdates, sumOfSquares } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor } from '../tensor/tf.ts';

/** Adam's ε; not a setting, since gradients of every model here are far above it. */
const EPSILON = 1e-8;

/** Of a recipe's optimiser. */
export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
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
  /** New weights, moments under `first.` and `second.`, and averages under `ema.` where they are kept. */
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
 * One AdamW update (Loshchilov & Hutter 2019), and of the weights' moving average,
 * ema ← averaging·ema + (1 − averaging)·weight. A gradient that is not finite changes no weight: it is replaced by
 * zero and the learning rate by zero.
 *
 * @param state weights by name, their moments under `first.` and `second.`, averages under `ema.`.
 * @param averaging the decay of the moving average, a scalar; without it no average is kept.
 */
export function adamW(
  config: AdamWConfig,
  state: NamedTensors,
  gradients: NamedTensors,
  feeds: NamedTensors,
  prefix: string,
  averaging?: Tensor,
): AdamWUpdate {
  const { beta1, beta2, weightDecay, clipNorm } = config;
  const gradientNorm = tf.sqrt(sumOfSquares(Object.values(gradients))) as Scalar;
  const finite = tf.isFinite(gradientNorm).toFloat();
  const rate = named(feeds, `${prefix}.learningRate`).mul(finite);
  const updates = adamWUpdates(
    Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [
        name,
        {
          weight: named(state, name),
          first: named(state, `first.${name}`),
          second: named(state, `second.${name}`),
          gradient,
          ...(averaging && { average: named(state, `ema.${name}`) }),
        },
      ]),
    ),
    {
      rate1: rate.div(named(feeds, `${prefix}.correction1`)),
      root2: tf.rsqrt(named(feeds, `${prefix}.correction2`)),
      decay: rate.mul(weightDecay),
      beta1,
      beta2,
      epsilon: EPSILON,
      clip: tf.minimum(1, tf.div(clipNorm, tf.maximum(gradientNorm, 1e-12))),
      finite,
      ...(averaging && { averaging }),
    },
  );
  const next: NamedTensors = {};
  for (const [name, update] of Object.entries(updates)) {
    next[name] = update.weight;
    next[`first.${name}`] = update.first;
    next[`second.${name}`] = update.second;
    if (update.average) next[`ema.${name}`] = update.average;
  }
  return { next, gradientNorm };
}
