/** An order of a data set's images, drawn at random. */
import { randomUniform } from '../tensor/random.ts';

/** Uniform permutation of 0 … count − 1 (Fisher–Yates), fixed by (seed, epoch). */
export function permutation(seed: number, epoch: number, count: number): Int32Array<ArrayBuffer> {
  const draws = randomUniform({ seed, purpose: 'dataOrder', step: epoch }, count);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((draws[i] ?? 0) * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
