/**
 * CA, the spear (arXiv 2511.22677 Eq 6): Δ_CA = (α − 1)(s_real(x_τ, c) − s_real(x_τ, ∅)), here as the difference
 * of x1-predictions. A direction carries no gradient.
 */
import type { Tensor } from '../../tensor/tf.ts';

/** The teacher's x̂1 with and without the condition at τ_CA, (B, …) each; `scale` is α. */
export const cfgAugmentation = (conditional: Tensor, unconditional: Tensor, scale: number): Tensor =>
  conditional.sub(unconditional).mul(scale - 1);
