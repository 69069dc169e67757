/**
 * The fake-score model follows the student's distribution (arXiv 2511.22677, Algorithm 1, step 6): minimise
 * ‖s_fake(x'_τ', τ') − x'_gen‖² over τ' ~ U(0, 1), weighted by 1/c_out² like the teacher's loss.
 */
import { flowMatchingLoss } from '../flow/flowMatchingLoss.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';

/** Largest τ' at which the fake score is trained: c_out vanishes at 1. */
export const FAKE_TAU_MAX = 0.99;

/** x'_gen and noise (B, …), τ' (B); x'_gen carries no gradient. */
export const fakeScoreLoss = (
  denoiser: Denoiser,
  fake: NamedTensors,
  generated: Tensor,
  noise: Tensor,
  tau: Tensor1D,
  condition: Condition,
): Scalar => flowMatchingLoss(denoiser, fake, generated, noise, tau, condition);
