/** The flow's time t (0 noise, 1 data) as settings shape it. Pure numbers, so that windows can draw what the engine does. */

/**
 * Timestep shift s (Esser et al. 2024): with σ = 1 − t, σ' = sσ/(1 + (s − 1)σ). s > 1 moves t towards
 * noise, s = 1 leaves it.
 */
export function shiftTimestep(t: number, shift: number): number {
  const sigma = 1 - t;
  return 1 - (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** Shifting by 1/s undoes shifting by s. */
export const unshiftTimestep = (t: number, shift: number): number => shiftTimestep(t, 1 / shift);

/** `steps` start times from 0 in equal parts of [0, 1), shifted: t_k = shift(k/steps), k = 0 … steps − 1. */
export function timestepGrid(steps: number, shift: number): number[] {
  return Array.from({ length: steps }, (_, k) => shiftTimestep(k / steps, shift));
}
