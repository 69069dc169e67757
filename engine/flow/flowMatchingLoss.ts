/**
 * The teacher's and the fake score's loss: ‖x̂1 − x1‖²/c_out², the mean over every element. Divided by c_out²
 * it is the error of the network's unit-variance output, whatever t is.
 */
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { interpolate } from './path.ts';
import { preconditioning, type Denoiser } from './preconditioning.ts';

/** x1 and noise (B, …), t (B) below 1; to be differentiated by the parameters alone. */
export function flowMatchingLoss(
  { network, dataDeviation }: Denoiser,
  parameters: NamedTensors,
  x1: Tensor,
  noise: Tensor,
  t: Tensor1D,
  condition: Condition,
): Scalar {
  const xt = interpolate(x1, noise, t);
  const { cIn, cSkip, cOut } = preconditioning(t, xt.rank, dataDeviation);
  const target = x1.sub(cSkip.mul(xt)).div(cOut);
  return network.apply(parameters, xt.mul(cIn), t, condition).sub(target).square().mean();
}
