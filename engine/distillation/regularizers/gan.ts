/**
 * The GAN regulariser (arXiv 2511.22677, Fig 3, as DMD2 has it, arXiv 2405.14867 Eq 4): a discriminator D looks at
 * re-noised samples, real x and generated x', and gives one logit a head; every mean is over samples and heads.
 *   student:        mean softplus(−D(x'_τ)), the non-saturating loss;
 *   discriminator:  mean softplus(−D(x_τ)) + mean softplus(D(x'_τ)) + (γ/2)·aR1;
 *   aR1 = mean (D(x_τ + σε) − D(x_τ))²/σ² with ε ~ N(0, 1): for small σ the squared gradient of R1 (Mescheder et al.
 *   2018), from a difference instead of a second derivative (Lin et al. 2025, arXiv 2501.08316; docs/decisions/012).
 */
import { preconditioning, type Denoiser } from '../../flow/preconditioning.ts';
import { discriminate } from '../../model/discriminator.ts';
import type { Condition } from '../../model/network.ts';
import type { NamedTensors } from '../../tensor/residentState.ts';
import { greater, less, mean, softplus, type Scalar, type Tensor, type Tensor1D } from '../../tensor/tf.ts';

/** σ of aR1's perturbation: small beside the data's deviation, large beside bfloat16's rounding. */
export const PERTURBATION = 0.05;

/** The network that the discriminator's features come from, and its heads. */
export interface Discriminator {
  readonly backbone: NamedTensors;
  readonly heads: NamedTensors;
}

/** D(x_τ, τ, c): (B, heads) for x_τ (B, …), τ (B). */
export function discriminatorLogits(
  { network, dataDeviation }: Denoiser,
  { backbone, heads }: Discriminator,
  xTau: Tensor,
  tau: Tensor1D,
  condition: Condition,
): Tensor {
  const { cIn } = preconditioning(tau, xTau.rank, dataDeviation);
  return discriminate(heads, network.features(backbone, xTau.mul(cIn), tau, condition));
}

export const generatorLoss = (generated: Tensor): Scalar => mean(softplus(generated.neg()));

export const discriminatorLoss = (real: Tensor, generated: Tensor): Scalar =>
  mean<Scalar>(softplus(real.neg())).add(mean(softplus(generated)));

/** aR1, from the logits of real samples and of the same ones moved by σε. */
export const approximateR1 = (real: Tensor, perturbed: Tensor): Scalar =>
  mean<Scalar>(perturbed.sub(real).square()).div(PERTURBATION ** 2);

/** Logits of both kinds, and the share that is on its own side of 0; .5 means that D cannot tell. */
export const discriminatorMetrics = (real: Tensor, generated: Tensor): Record<string, Scalar> => ({
  gan_real_logit: mean(real),
  gan_generated_logit: mean(generated),
  gan_accuracy: mean<Scalar>(greater(real, 0).toFloat())
    .add<Scalar>(mean(less(generated, 0).toFloat()))
    .div(2),
});
