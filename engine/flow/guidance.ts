/** Classifier-free guidance (Ho & Salimans 2022), arXiv 2511.22677 Eq 4. */
import type { Tensor } from '../tensor/tf.ts';

/** s(∅) + α·(s(c) − s(∅)), for scores, velocities or x1-predictions alike; α = 1 is no guidance. */
export const guided = (conditional: Tensor, unconditional: Tensor, scale: number | Tensor): Tensor =>
  unconditional.add(conditional.sub(unconditional).mul(scale));
