/** AdamW with a global-norm clip and a moving average, as pure tensor functions; what changes from step to step is fed. */
import { adamWUpdates, sumOfSquares } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';

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

/**
 * What changes from step to step, as one feed (4): the learning rate, Adam's bias corrections 1 − βᵏ, and the decay
 * of the weights' moving average where one is kept.
 *
 * @param step counts from 1.
 */
export const adamFeed = (
  { beta1, beta2 }: AdamWConfig,
  learningRate: number,
  step: number,
  averaging = 0,
): Tensor1D => tf.tensor1d([learningRate, 1 - beta1 ** step, 1 - beta2 ** step, averaging]);

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
 * @param state weights by name, their moments under `first.` and `second.`, averages under `ema.` where they are kept.
 * @param schedule as by `adamFeed`.
 */
export function adamW(
  config: AdamWConfig,
  state: NamedTensors,
  gradients: NamedTensors,
  schedule: Tensor,
): AdamWUpdate {
  const gradientNorm = tf.sqrt(sumOfSquares(Object.values(gradients))) as Scalar;
  const updates = adamWUpdates(
    Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => {
        const average = state[`ema.${name}`];
        return [
          name,
          {
            weight: named(state, name),
            first: named(state, `first.${name}`),
            second: named(state, `second.${name}`),
            gradient,
            ...(average && { average }),
          },
        ];
      }),
    ),
    { ...config, epsilon: EPSILON, schedule, gradientNorm },
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
