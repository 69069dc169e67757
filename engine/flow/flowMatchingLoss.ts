/** The teacher's and the fake score's loss: the error of x̂1(x_t, t, c) against the x1 that x_t was made of. */
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { interpolate } from './path.ts';
import { predictionLoss } from './predictionLoss.ts';
import type { Denoiser } from './preconditioning.ts';

/** x1 and noise (B, …), t (B) below 1; to be differentiated by the parameters alone. */
export const flowMatchingLoss = (
  denoiser: Denoiser,
  parameters: NamedTensors,
  x1: Tensor,
  noise: Tensor,
  t: Tensor1D,
  condition: Condition,
): Scalar => predictionLoss(denoiser, parameters, interpolate(x1, noise, t), t, x1, condition);
