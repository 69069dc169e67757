/** Numbers that say how a distillation is going; see docs/user-guide for what their changes mean. */
import { velocityFromX1 } from '../flow/path.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';

/** Root mean square over every element. */
export const rms = (x: Tensor): Scalar => tf.sqrt(tf.mean(x.square()));

/** Mean, standard deviation and share outside [−1, 1] of the student's samples. */
export function sampleStatistics(x: Tensor): { x_mean: Scalar; x_std: Scalar; out_of_range: Scalar } {
  const mean: Scalar = tf.mean(x);
  return {
    x_mean: mean,
    x_std: tf.sqrt(tf.mean(x.sub(mean).square())),
    out_of_range: tf.mean(tf.greater(tf.abs(x), 1).toFloat()),
  };
}

/**
 * `dm_rel_gap` = rms(v_real − v_fake)/rms(v_real) rises when the shield weakens; `dm_cos`, the cosine of the two
 * velocities, falls when the fake lags.
 *
 * @param real the teacher's and `fake` the fake score's x1-prediction at (x_τ, τ); (B, …), τ (B).
 */
export function velocityAgreement(real: Tensor, fake: Tensor, xTau: Tensor, tau: Tensor1D) {
  const realVelocity = velocityFromX1(real, xTau, tau);
  const fakeVelocity = velocityFromX1(fake, xTau, tau);
  const product = tf.mean(realVelocity.mul(fakeVelocity));
  return {
    dm_rel_gap: rms(realVelocity.sub(fakeVelocity)).div<Scalar>(rms(realVelocity)),
    dm_cos: product.div<Scalar>(rms(realVelocity).mul(rms(fakeVelocity))),
  };
}
