/**
 * The flow's path and the one place that states the time convention:
 * t = 0 is pure noise, t = 1 is clean data, x_t = t·x1 + (1 − t)·noise (arXiv 2511.22677, "Notation").
 */
import type { Tensor, Tensor1D } from '../tensor/tf.ts';

/** Reshapes t (B) to (B, 1, …) so that it broadcasts over a batch of the given rank. */
export const alongBatch = (t: Tensor1D, rank: number): Tensor =>
  t.reshape([t.shape[0], ...new Array<number>(rank - 1).fill(1)]);

/** x_t = t·x1 + (1 − t)·noise; x1 and noise (B, …), t (B). */
export function interpolate(x1: Tensor, noise: Tensor, t: Tensor1D): Tensor {
  const s = alongBatch(t, x1.rank);
  return x1.mul(s).add(noise.mul(s.neg().add(1)));
}

/** dx_t/dt = x1 − noise, from x_t and an x1-prediction: (x1 − x_t)/(1 − t). Undefined at t = 1. */
export function velocityFromX1(x1: Tensor, xt: Tensor, t: Tensor1D): Tensor {
  return x1.sub(xt).div(alongBatch(t, xt.rank).neg().add(1));
}
