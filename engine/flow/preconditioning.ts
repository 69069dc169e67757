/**
 * x1-prediction with preconditioning (Karras et al. 2022) carried over to the flow path. With data of
 * standard deviation σ, x_t has variance V = t²σ² + (1 − t)², and
 *   x̂1 = c_skip·x_t + c_out·F(c_in·x_t, t, c),
 *   c_in = 1/√V,  c_skip = tσ²/V,  c_out = (1 − t)σ/√V,
 * so that the network's input and its regression target both have unit variance at every t.
 */
import type { Condition, Network } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import { alongBatch } from './path.ts';

export interface Preconditioning {
  readonly cIn: Tensor;
  readonly cSkip: Tensor;
  readonly cOut: Tensor;
}

/** The three factors, each (B, 1, …), for t (B). */
export function preconditioning(t: Tensor1D, rank: number, dataDeviation: number): Preconditioning {
  const s = alongBatch(t, rank);
  const remaining = s.neg().add(1);
  const variance = s
    .square()
    .mul(dataDeviation ** 2)
    .add(remaining.square());
  return {
    cIn: tf.rsqrt(variance),
    cSkip: s.mul(dataDeviation ** 2).div(variance),
    cOut: remaining.mul(dataDeviation).mul(tf.rsqrt(variance)),
  };
}

/** A network with its preconditioning: everything outside engine/model sees x1-predictions only. */
export interface Denoiser {
  readonly network: Network;
  readonly dataDeviation: number;
}

/** x̂1(x_t, t, c), same shape as x_t (B, …); t (B). */
export function predictX1(
  { network, dataDeviation }: Denoiser,
  parameters: NamedTensors,
  xt: Tensor,
  t: Tensor1D,
  condition: Condition,
): Tensor {
  return tf.tidy(() => {
    const { cIn, cSkip, cOut } = preconditioning(t, xt.rank, dataDeviation);
    return cSkip.mul(xt).add(cOut.mul(network.apply(parameters, xt.mul(cIn), t, condition)));
  });
}
