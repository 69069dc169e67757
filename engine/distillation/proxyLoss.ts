/**
 * The proxy loss ½·mean‖x_gen − stop(x_gen + Δ)‖² (arXiv 2511.22677, Algorithm 1). Only its gradient with
 * respect to x_gen is ever needed: −Δ divided by the number of elements.
 */
import { mean, type Scalar, type Tensor } from '../tensor/tf.ts';

export const proxyLoss = (direction: Tensor): Scalar => mean(direction.square()).mul(0.5);

export const proxyGradient = (direction: Tensor): Tensor => direction.div(-direction.size);
