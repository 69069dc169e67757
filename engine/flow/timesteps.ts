/** Draws and grids of the flow's time t (0 noise, 1 data), on the host. */
import { randomNormal, randomUniform, type RandomKey } from '../tensor/random.ts';

/**
 * Timestep shift s (Esser et al. 2024): with σ = 1 − t, σ' = sσ/(1 + (s − 1)σ). s > 1 moves t towards
 * noise, s = 1 leaves it.
 */
export function shiftTimestep(t: number, shift: number): number {
  const sigma = 1 - t;
  return 1 - (shift * sigma) / (1 + (shift - 1) * sigma);
}

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

/** `steps` start times from 0 in equal parts of [0, 1), shifted: t_k = shift(k/steps), k = 0 … steps − 1. */
export function timestepGrid(steps: number, shift: number): number[] {
  return Array.from({ length: steps }, (_, k) => shiftTimestep(k / steps, shift));
}
