/** Where CA and DM look: draws of τ by the four schedules (arXiv 2511.22677, Table 1 and Eq 8), on the host. */
import type { Recipe, RenoisingSchedule } from '../contract/recipe.ts';
import { shiftTimestep } from '../flow/timesteps.ts';
import { randomUniform } from '../tensor/random.ts';

export interface RenoisingDraws {
  /** (B) each; the same array where the schedule couples the terms. */
  readonly tauDM: Float32Array;
  readonly tauCA: Float32Array;
}

/** Which terms draw from (t, 1) instead of (0, 1). */
const constrained: Record<RenoisingSchedule, { readonly dm: boolean; readonly ca: boolean }> = {
  'coupled-shared': { dm: false, ca: false },
  'decoupled-full': { dm: false, ca: false },
  'decoupled-constrained': { dm: true, ca: true },
  'decoupled-hybrid': { dm: false, ca: true },
};

/** Width of the range just above a student step that is already cleaner than the term's cleanest level. */
const NARROWEST = 0.01;

/** Shifting by 1/s undoes shifting by s. */
const unshift = (tau: number, shift: number): number => shiftTimestep(tau, 1 / shift);

/** Uniform in [low, high] before the shift, so that the shifted draws stay in the shifted range. */
function draw(uniform: Float32Array, low: number, high: number, shift: number): Float32Array {
  const start = unshift(low, shift);
  const end = unshift(low < high ? high : Math.min(1, low + NARROWEST), shift);
  return uniform.map((u) => shiftTimestep(start + u * (end - start), shift));
}

/**
 * Draws τ_DM and τ_CA for a student at time `studentTime`; a constrained term never draws below it.
 * Coupled-shared draws once, from DM's range.
 */
export function drawRenoising(
  recipe: Recipe,
  step: number,
  studentTime: number,
  count: number,
): RenoisingDraws {
  const { schedule, shift } = recipe.renoising;
  const { distributionMatching: dm, cfgAugmentation: ca } = recipe;
  const low = (rangeMin: number, isConstrained: boolean) =>
    isConstrained ? Math.max(rangeMin, studentTime) : rangeMin;
  const { seed } = recipe;
  const uniformDM = randomUniform({ seed, purpose: 'renoiseDM', step }, count);
  const tauDM = draw(uniformDM, low(dm.rangeMin, constrained[schedule].dm), dm.rangeMax, shift);
  if (schedule === 'coupled-shared') return { tauDM, tauCA: tauDM };
  const uniformCA = randomUniform({ seed, purpose: 'renoiseCA', step }, count);
  return { tauDM, tauCA: draw(uniformCA, low(ca.rangeMin, constrained[schedule].ca), ca.rangeMax, shift) };
}
