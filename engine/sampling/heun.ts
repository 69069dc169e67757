/** Heun's second-order step (Karras et al. 2022, Algorithm 1); twice Euler's evaluations, except to t = 1. */
import { alongBatch } from '../flow/path.ts';
import { guidedVelocity, type SolverStep } from './euler.ts';

/** x_next = x_t + (next − t)·½(v(x_t, t) + v(x_euler, next)); next < 1, where the velocity is defined. */
export const heunStep: SolverStep = (denoiser, parameters, xt, t, next, condition, scale) => {
  const step = alongBatch(next.sub(t), xt.rank);
  const first = guidedVelocity(denoiser, parameters, xt, t, condition, scale);
  const predicted = xt.add(first.mul(step));
  const second = guidedVelocity(denoiser, parameters, predicted, next, condition, scale);
  return xt.add(first.add(second).mul(step).mul(0.5));
};
