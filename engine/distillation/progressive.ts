/**
 * Progressive distillation (Salimans & Ho 2022, arXiv 2202.00512, Algorithm 2): one step of the student, from t to
 * t'', is to end where two steps of its teacher end. On the flow path DDIM's step is Euler's, so
 *   z' = euler(z_t, t → t'),  z'' = euler(z', t' → t''),  x̃ = z_t + (1 − t)/(t'' − t)·(z'' − z_t),
 * and the loss is ‖x̂1(z_t, t, c) − x̃‖²/c_out². The first stage's teacher is guided, which distils guidance into its
 * student (Meng et al. 2023, arXiv 2210.03142, there as a stage of its own).
 */
import { alongBatch } from '../flow/path.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import type { Condition } from '../model/network.ts';
import { eulerStep } from '../sampling/euler.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { scalar, type Tensor, type Tensor1D } from '../tensor/tf.ts';

/** From t by way of t' to t'', (B) each, noise first; t'' may be 1. */
export interface TwoSteps {
  readonly from: Tensor1D;
  readonly by: Tensor1D;
  readonly to: Tensor1D;
}

/** x̃, (B, …) like z; without a scale the teacher is not guided. Carries no gradient. */
export function progressiveTarget(
  denoiser: Denoiser,
  teacher: NamedTensors,
  z: Tensor,
  { from, by, to }: TwoSteps,
  condition: Condition,
  scale: number | undefined,
): Tensor {
  const guidance = scale === undefined || scale === 1 ? undefined : scalar(scale);
  const middle = eulerStep(denoiser, teacher, z, from, by, condition, guidance);
  const end = eulerStep(denoiser, teacher, middle, by, to, condition, guidance);
  const remaining = alongBatch(from, z.rank).neg().add(1);
  return z.add(
    end
      .sub(z)
      .mul(remaining)
      .div(alongBatch(to.sub(from), z.rank)),
  );
}
