/** Draws of the flow's time t (0 noise, 1 data), on the host; its shift and grid are `contract/timesteps.ts`. */
import { shiftTimestep, timestepGrid } from '../contract/timesteps.ts';
import { randomNormal, randomUniform, type RandomKey } from '../tensor/random.ts';
import { tensor1d, type Tensor1D } from '../tensor/tf.ts';

export { shiftTimestep, timestepGrid };

/** A teacher's training times: t = sigmoid(mean + deviation·n), n ~ N(0, 1), or shifted U(0, 1). */
export type TimestepDistribution =
  | { readonly kind: 'logit-normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly shift: number };

export function drawTimesteps(
  distribution: TimestepDistribution,
  key: RandomKey,
  count: number,
): Float32Array {
  switch (distribution.kind) {
    case 'logit-normal': {
      const { mean, deviation } = distribution;
      return randomNormal(key, count).map((n) => 1 / (1 + Math.exp(-(mean + deviation * n))));
    }
    case 'uniform':
      return randomUniform(key, count).map((u) => shiftTimestep(u, distribution.shift));
  }
}

/** One time for all of a batch, (count), to be fed: uploaded, since an operation that fills takes several times as long. */
export const sameTime = (time: number, count: number): Tensor1D =>
  tensor1d(new Float32Array(count).fill(time));
