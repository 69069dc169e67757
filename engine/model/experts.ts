/**
 * Several networks of one kind as one, each for a part of the noise levels: which of them answers is decided by the time
 * of a batch's first sample, since all samples of a sampler's batch are at the same time. Not for training.
 */
import { under } from './parameters.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor1D } from '../tensor/tf.ts';
import type { Network } from './network.ts';

export const expertPrefix = (index: number): string => `experts.${index}`;

/** @param starts the times from which each expert answers, rising, the first 0. */
export function createExperts(expert: Network, starts: readonly number[]): Network {
  const specs = starts.flatMap((_, index) =>
    Object.entries(expert.specs).map(([name, spec]) => [`${expertPrefix(index)}.${name}`, spec] as const),
  );
  const chosen = (parameters: NamedTensors, t: Tensor1D): NamedTensors => {
    const first = t.slice([0], [1]); // (1)
    const isFrom = starts.map((start) => tf.greaterEqual(first, tf.scalar(start)).toFloat());
    // 1 for the last expert whose start is not after the batch's time, 0 for the others.
    const shares = isFrom.map((is, index) => (isFrom[index + 1] ? is.sub(isFrom[index + 1] ?? 0) : is));
    const experts = starts.map((_, index) => under(parameters, expertPrefix(index)));
    return Object.fromEntries(
      Object.entries(expert.specs).map(([name, { shape }]) => {
        const parts = experts.flatMap((of, index) => {
          const [weight, share] = [of[name], shares[index]];
          return weight && share ? [weight.mul(share.reshape(shape.map(() => 1)))] : [];
        });
        return [name, tf.addN(parts)];
      }),
    );
  };
  return {
    ...expert,
    config: { ...expert.config, experts: [...starts] },
    specs: Object.fromEntries(specs),
    apply: (parameters, x, t, condition) => expert.apply(chosen(parameters, t), x, t, condition),
    features: (parameters, x, t, condition) => expert.features(chosen(parameters, t), x, t, condition),
  };
}
