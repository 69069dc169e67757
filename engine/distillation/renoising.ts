/** Draws of τ for CA, DM and the fake score from the windows of `contract/renoising.ts`, on the host. */
import type { Recipe } from '../contract/recipe.ts';
import { renoisingWindows, tauAt, warmupShift } from '../contract/renoising.ts';
import { randomUniform } from '../tensor/random.ts';
import { FAKE_TAU_MAX } from './fakeScore.ts';

export interface RenoisingDraws {
  /** (B) each; the same array where the schedule couples the terms. */
  readonly tauDM: Float32Array;
  readonly tauCA: Float32Array;
}

/** Draws τ_DM and τ_CA for a student at time `studentTime`, below `end`; `step` is the iteration. */
export function drawRenoising(
  recipe: Recipe,
  step: number,
  studentTime: number,
  count: number,
  end = 1,
): RenoisingDraws {
  const { seed } = recipe;
  const windows = renoisingWindows(recipe, studentTime, step, end);
  const tauDM = randomUniform({ seed, purpose: 'renoiseDM', step }, count).map((u) => tauAt(windows.dm, u));
  if (windows.shared) return { tauDM, tauCA: tauDM };
  const uniformCA = randomUniform({ seed, purpose: 'renoiseCA', step }, count);
  return { tauDM, tauCA: uniformCA.map((u) => tauAt(windows.ca, u)) };
}

/** Draws τ' (B) of fake-score update `update` in iteration `iteration`, below `end`: uniform, but for the warm-up. */
export function drawFakeTimes(
  recipe: Recipe,
  iteration: number,
  update: number,
  count: number,
  end = 1,
): Float32Array {
  const shift = warmupShift(recipe.renoising, iteration);
  const window = { low: 0, high: Math.min(FAKE_TAU_MAX, end), shift };
  const uniform = randomUniform({ seed: recipe.seed, purpose: 'fakeTimestep', step: update }, count);
  return uniform.map((u) => tauAt(window, u));
}
