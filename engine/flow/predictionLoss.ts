/**
 * The error of an x1-prediction in units of the network's output: ‖x̂1 − target‖²/c_out², the mean over every
 * element. For data of unit variance 1/c_out² = SNR + 1, one of the weights of Salimans & Ho 2022 (section 4).
 */
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { preconditioning, type Denoiser } from './preconditioning.ts';

/** x_t and the target (B, …), t (B) below 1; to be differentiated by the parameters alone. */
export function predictionLoss(
  { network, dataDeviation }: Denoiser,
  parameters: NamedTensors,
  xt: Tensor,
  t: Tensor1D,
  target: Tensor,
  condition: Condition,
): Scalar {
  const { cIn, cSkip, cOut } = preconditioning(t, xt.rank, dataDeviation);
  const output = target.sub(cSkip.mul(xt)).div(cOut);
  return network.apply(parameters, xt.mul(cIn), t, condition).sub(output).square().mean();
}
