/** What a direction is divided by before it is weighted; which one suits depends on the schedule. */
import type { Normalizer } from '../contract/recipe.ts';
import { alongBatch } from '../flow/path.ts';
import { abs, maximum, mean, type Tensor, type Tensor1D } from '../tensor/tf.ts';

/** Keeps the divisors away from zero. */
const FLOOR = 1e-3;

/**
 * - `per-sample`: mean|x_gen − x̂1_real(c)| of each sample (Yin et al. 2024, DMD Eq 8).
 * - `time`: 1 − τ, which turns a difference of x1-predictions into one of velocities.
 *
 * @param real the teacher's conditional x1-prediction at this τ, (B, …) like `direction` and `generated`.
 */
export function normalize(
  direction: Tensor,
  normalizer: Normalizer,
  generated: Tensor,
  real: Tensor,
  tau: Tensor1D,
): Tensor {
  switch (normalizer) {
    case 'per-sample': {
      const axes = Array.from({ length: generated.rank - 1 }, (_, i) => i + 1);
      return direction.div(maximum(mean(abs(generated.sub(real)), axes, true), FLOOR));
    }
    case 'time':
      return direction.div(maximum(alongBatch(tau, direction.rank).neg().add(1), FLOOR));
    case 'none':
      return direction;
  }
}
