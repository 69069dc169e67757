/**
 * Batches in lanes: where TensorFlow computes on the processor, each thread takes a part of the batch through the whole
 * network. Cores that share every operation wait for each other hundreds of times a pass; lanes meet once.
 */
import { isNativeProcessor } from './residentState.ts';
import { concat, split, type Tensor } from './tf.ts';
import { laneCount } from './threads.ts';

let begun = 0;

/** Grows whenever a batch is taken apart; by it the recorder knows whether a step has lanes. */
export const lanesBegun = (): number => begun;

/** How many parts of a batch are computed side by side here. */
export const lanesHere = (): number => (isNativeProcessor() ? laneCount : 1);

/**
 * The results of `compute` for a whole batch.
 *
 * @param batch tensors (B, …) that belong together.
 * @param compute gives for a part of the batch, (b, …) each, tensors of the same b.
 */
export function inLanes(batch: readonly Tensor[], compute: (part: Tensor[]) => Tensor[]): Tensor[] {
  const size = batch[0]?.shape[0] ?? 0;
  const lanes = Math.min(lanesHere(), size);
  if (lanes < 2) return compute([...batch]);
  begun++;
  const sizes = Array.from(
    { length: lanes },
    (_, lane) => Math.floor((size * (lane + 1)) / lanes) - Math.floor((size * lane) / lanes),
  );
  const parts = batch.map((tensor) => split(tensor, sizes));
  const results = sizes.map((_, lane) => compute(parts.map((part) => part[lane] as Tensor)));
  return (results[0] ?? []).map((_, i) => concat(results.map((result) => result[i] as Tensor)));
}
