/**
 * What learns beside the student from its samples: the fake score (arXiv 2511.22677, Algorithm 1, step 6) and the
 * discriminator (step 7), in one loss, L_fake + w_D·L_D, as in DMD2. Where the fake score has no influence on the
 * student, the discriminator looks on the frozen teacher's features instead; docs/decisions/012.
 */
import { sharesFakeScore, usesFakeScore, usesGan, type Recipe } from '../contract/recipe.ts';
import { interpolate } from '../flow/path.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { joinConditions, type Condition } from '../model/network.ts';
import { under } from '../model/parameters.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { fakeScoreLoss } from './fakeScore.ts';
import { phasedScoreLoss } from './phased.ts';
import {
  approximateR1,
  discriminatorLogits,
  discriminatorLoss,
  discriminatorMetrics,
  PERTURBATION,
} from './regularizers/gan.ts';

/** A sample (B, …) at one noise level. */
export interface NoisySample {
  readonly x: Tensor;
  readonly noise: Tensor;
  readonly tau: Tensor1D;
  readonly condition: Condition;
}

export interface CriticDraws {
  /** The student's samples for the fake score; in Phased DMD at the end of its phase, (B). */
  readonly fake?: NoisySample & { readonly end?: Tensor1D };
  /** Present where the GAN has a weight; `direction` is R1's ε, (B, …). */
  readonly gan?: { readonly real: NoisySample; readonly generated: NoisySample; readonly direction: Tensor };
}

export interface CriticLoss {
  readonly loss: Scalar;
  readonly metrics: Record<string, Scalar>;
}

/** @param parameters what is trained: `fake.` and `discriminator.` weights. */
export function criticLoss(
  denoiser: Denoiser,
  recipe: Recipe,
  teacher: NamedTensors,
  parameters: NamedTensors,
  draws: CriticDraws,
): CriticLoss {
  const metrics: Record<string, Scalar> = {};
  const losses: Scalar[] = [];
  const fake = under(parameters, 'fake');
  if (usesFakeScore(recipe) && draws.fake) {
    const { x, noise, tau, condition, end } = draws.fake;
    metrics['fake_loss'] = end
      ? phasedScoreLoss(denoiser, fake, { end, xe: x, noise, tau }, condition)
      : fakeScoreLoss(denoiser, fake, x, noise, tau, condition);
    losses.push(metrics['fake_loss']);
  }
  if (usesGan(recipe) && draws.gan) {
    const backbone = sharesFakeScore(recipe) ? fake : teacher;
    const discriminator = { backbone, heads: under(parameters, 'discriminator') };
    const { real, generated, direction } = draws.gan;
    const xReal = interpolate(real.x, real.noise, real.tau);
    const xGenerated = interpolate(generated.x, generated.noise, generated.tau);
    const { r1 } = recipe.gan;
    // One batch: real, generated and, for R1, real moved a little.
    const parts = [
      { ...real, x: xReal },
      { ...generated, x: xGenerated },
      ...(r1 > 0 ? [{ ...real, x: xReal.add(direction.mul(PERTURBATION)) }] : []),
    ];
    const logits = discriminatorLogits(
      denoiser,
      discriminator,
      tf.concat(parts.map((part) => part.x)),
      tf.concat(parts.map((part) => part.tau)),
      joinConditions(parts.map((part) => part.condition)),
    );
    const [onReal, onGenerated, onMoved] = tf.split(logits, parts.length, 0) as [Tensor, Tensor, Tensor?];
    let loss = discriminatorLoss(onReal, onGenerated);
    Object.assign(metrics, { discriminator_loss: loss }, discriminatorMetrics(onReal, onGenerated));
    if (onMoved) {
      metrics['gan_r1'] = approximateR1(onReal, onMoved);
      loss = loss.add(metrics['gan_r1'].mul(r1 / 2));
    }
    losses.push(loss.mul(recipe.gan.discriminatorWeight));
  }
  const [first, ...rest] = losses;
  if (!first) throw new Error('nothing learns beside the student of this recipe');
  return { loss: rest.reduce((sum, loss) => sum.add<Scalar>(loss), first), metrics };
}
