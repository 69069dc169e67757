/**
 * Phased DMD (Fan et al. 2025, arXiv 2510.27684): a phase of the student ends at a noise level e short of the data, and
 * its distribution there is matched to the teacher's. In this engine's time (the paper's noise level is 1 − t):
 *   x_e = z + (e − t)/(1 − t)·(x̂1 − z), Euler's step along the student's own velocity;
 *   x_τ = αx_e + σε for τ < e, with α = τ/e and σ² = (1 − τ)² − α²(1 − e)² (Eq 10, 11): with x_e's own noise that is
 *   the flow's path, so that the teacher's score at τ is the right one to compare with;
 *   the fake score's target, as an x1-prediction: y = x_e/e − τ(1 − e)²/(e²σ)·ε (Eq 12). For any distribution of x_e
 *   its mean given x_τ is the x1-prediction of the score of x_τ, since that score is the mean of −ε/σ. The plain
 *   target x_e/e would not be: x_e is noisy itself;
 *   the loss is the velocities' error times σ²·min(1/σ², 10) (Eq 13): the target's ε/σ grows without end as τ → e.
 * At e = 1 all of it is DMD's: x_e = x̂1, the flow's path, y = x1.
 */
import { alongBatch } from '../flow/path.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { maximum, minimum, sqrt, type Scalar, type Tensor, type Tensor1D } from '../tensor/tf.ts';

/** Cap of 1/σ² in the loss; the authors' value. */
const LARGEST_WEIGHT = 10;
/** Keeps the target finite at τ = e; the weight makes it vanish there. */
const LEAST_VARIANCE = 1e-6;

/** x_e from an x1-prediction at (z, t), t < e ≤ 1; (B, …) like z, times (B). */
export function stepTo(end: Tensor1D, x1: Tensor, z: Tensor, t: Tensor1D): Tensor {
  const share = alongBatch(end.sub(t).div(t.neg().add(1)), z.rank);
  return z.add(x1.sub(z).mul(share));
}

/** α and σ² of x_τ given x_e, (B, 1, …) each. */
function kernel(end: Tensor1D, tau: Tensor1D, rank: number): { alpha: Tensor; variance: Tensor } {
  const alpha = tau.div<Tensor1D>(end);
  const variance = tau
    .neg()
    .add(1)
    .square()
    .sub(alpha.mul(end.neg().add(1)).square());
  return {
    alpha: alongBatch(alpha, rank),
    variance: alongBatch(maximum(variance, LEAST_VARIANCE), rank),
  };
}

/** x_τ of x_e, (B, …); τ < e. */
export function renoiseFrom(end: Tensor1D, xe: Tensor, noise: Tensor, tau: Tensor1D): Tensor {
  const { alpha, variance } = kernel(end, tau, xe.rank);
  return xe.mul(alpha).add(noise.mul(sqrt(variance)));
}

/** y, (B, …) like x_e. */
export function phasedTarget(end: Tensor1D, xe: Tensor, noise: Tensor, tau: Tensor1D): Tensor {
  const { alpha, variance } = kernel(end, tau, xe.rank);
  const e = alongBatch(end, xe.rank);
  const remaining = e.neg().add(1).square(); // (1 − e)²
  return xe.div(e).sub(
    noise
      .mul(alpha)
      .mul(remaining)
      .div(e.mul(sqrt(variance))),
  );
}

/** Eq 13; to be differentiated by the fake score's parameters alone. */
export function phasedScoreLoss(
  denoiser: Denoiser,
  fake: NamedTensors,
  { end, xe, noise, tau }: { end: Tensor1D; xe: Tensor; noise: Tensor; tau: Tensor1D },
  condition: Condition,
): Scalar {
  const { variance } = kernel(end, tau, xe.rank);
  const predicted = predictX1(denoiser, fake, renoiseFrom(end, xe, noise, tau), tau, condition);
  const remaining = alongBatch(tau, xe.rank).neg().add(1);
  const velocityError = predicted.sub(phasedTarget(end, xe, noise, tau)).div(remaining);
  return velocityError
    .square()
    .mul(minimum(variance.mul(LARGEST_WEIGHT), 1))
    .mean();
}
