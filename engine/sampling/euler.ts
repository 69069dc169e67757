/** The teacher's ordinary sampler: one explicit Euler step along the guided velocity; 2 evaluations. */
import { guided } from '../flow/guidance.ts';
import { alongBatch, velocityFromX1 } from '../flow/path.ts';
import { predictTogether } from '../flow/passes.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { emptyCondition, type Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';

/** The velocity at (x_t, t), guided where a scale is given: s(∅) + α(s(c) − s(∅)) in x1-predictions. */
export function guidedVelocity(
  denoiser: Denoiser,
  parameters: NamedTensors,
  xt: Tensor,
  t: Tensor1D,
  condition: Condition,
  scale: Tensor | undefined,
): Tensor {
  if (!scale) return velocityFromX1(predictX1(denoiser, parameters, xt, t, condition), xt, t);
  const empty = emptyCondition(denoiser.network.conditioning, t.shape[0]);
  const [conditional, unconditional] = predictTogether(denoiser, parameters, [
    { xt, t, condition },
    { xt, t, condition: empty },
  ]) as [Tensor, Tensor];
  return velocityFromX1(guided(conditional, unconditional, scale), xt, t);
}

/** From x_t (B, …) to x_next along the velocity, guided where a scale is given; t and next (B). */
export type SolverStep = (
  denoiser: Denoiser,
  parameters: NamedTensors,
  xt: Tensor,
  t: Tensor1D,
  next: Tensor1D,
  condition: Condition,
  scale: Tensor | undefined,
) => Tensor;

/** x_next = x_t + (next − t)·v(x_t, t). */
export const eulerStep: SolverStep = (denoiser, parameters, xt, t, next, condition, scale) => {
  const velocity = guidedVelocity(denoiser, parameters, xt, t, condition, scale);
  return xt.add(velocity.mul(alongBatch(next.sub(t), xt.rank)));
};
