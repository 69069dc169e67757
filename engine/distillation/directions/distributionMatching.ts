/**
 * DM, the shield (arXiv 2511.22677 Eq 2 and 6): Δ_DM = s_real(x_τ, c) − s_fake(x_τ, c), here as the difference
 * of x1-predictions, which is the scores' difference up to a factor of τ. A direction carries no gradient.
 */
import type { Tensor } from '../../tensor/tf.ts';

/** x̂1 of the teacher and of the fake score at τ_DM, (B, …) each. */
export const distributionMatching = (real: Tensor, fake: Tensor): Tensor => real.sub(fake);
