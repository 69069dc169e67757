/**
 * Consistency distillation (Song et al. 2023, arXiv 2303.01469, Definition 1) with the guided, skipping teacher of
 * latent consistency models (Luo et al. 2023, arXiv 2310.04378, section 4): minimise
 *   d( f_θ(x_t, t, c), f_θ⁻(x̂_s, s, c) ),   x̂_s = one step of the teacher's guided flow from x_t to s > t,
 * where f is the x1-prediction, θ⁻ the moving average of θ, and x_t re-noised real data. The preconditioning gives
 * f(x, 1) = x, so that the answers of the clean end spread towards noise.
 */
import type { ConsistencyDistance } from '../contract/baselineFields.ts';
import { timestepGrid } from '../contract/timesteps.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import type { Condition } from '../model/network.ts';
import { eulerStep } from '../sampling/euler.ts';
import { heunStep } from '../sampling/heun.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';

/** The cleanest level: the flow's velocity is undefined at 1. */
const CLEANEST = 0.995;

/** The `levels` + 1 ends of the intervals, noise first. */
export const consistencyLevels = (levels: number, shift: number): number[] =>
  [...timestepGrid(levels, shift), 1].map((t) => CLEANEST * t);

/** f_θ⁻(x̂_s, s, c), without gradient; t and s (B), `scale` is α. */
export function consistencyTarget(
  denoiser: Denoiser,
  { teacher, average }: { readonly teacher: NamedTensors; readonly average: NamedTensors },
  solver: 'euler' | 'heun',
  xt: Tensor,
  t: Tensor1D,
  s: Tensor1D,
  condition: Condition,
  scale: number,
): Tensor {
  const step = solver === 'heun' ? heunStep : eulerStep;
  const guidance = scale === 1 ? undefined : tf.scalar(scale);
  const xs = step(denoiser, teacher, xt, t, s, condition, guidance);
  return predictX1(denoiser, average, xs, s, condition);
}

/**
 * d over all numbers of a sample, the mean over the batch; (B, …) each.
 * - `pseudo-huber`: √(‖a − b‖² + κ²) − κ with κ = 0.00054·√d (Song & Dhariwal 2024, arXiv 2310.14189, section 3.3).
 * - `squared`: ‖a − b‖²/d.
 */
export function consistencyDistance(a: Tensor, b: Tensor, distance: ConsistencyDistance): Scalar {
  const size = a.size / a.shape[0];
  const squares = tf.sum(a.sub(b).reshape([-1, size]).square(), 1); // (B)
  switch (distance) {
    case 'pseudo-huber': {
      const kappa = 0.00054 * Math.sqrt(size);
      return tf.mean(tf.sqrt(squares.add(kappa ** 2)).sub(kappa));
    }
    case 'squared':
      return tf.mean(squares.div(size));
  }
}
