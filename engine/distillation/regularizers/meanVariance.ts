/**
 * The mean–variance regulariser (arXiv 2511.22677 Eq 7): for each image, over all its channels and pixels, the
 * divergence of N(μ_i, σ_i²) from the data's N(μ_t, σ_t²):
 *   mean over the batch of ½[(σ_i² + (μ_i − μ_t)²)/σ_t² − 1 − log(σ_i²/σ_t²)].
 * A regulariser is a differentiable scalar.
 */
import { log, maximum, mean, type Scalar, type Tensor } from '../../tensor/tf.ts';

/** Average over the data of each image's mean and of each image's variance. */
export interface ImageStatistics {
  readonly mean: number;
  readonly variance: number;
}

/** x (B, …). */
export function meanVariance(x: Tensor, target: ImageStatistics): Scalar {
  const flat = x.reshape([x.shape[0], -1]);
  const mu = mean(flat, 1, true); // (B, 1)
  const variance = maximum(mean(flat.sub(mu).square(), 1, true), 1e-8);
  const spread = variance.add(mu.sub(target.mean).square()).div(target.variance);
  return spread
    .sub(1)
    .sub(log(variance.div(target.variance)))
    .mul(0.5)
    .mean();
}
