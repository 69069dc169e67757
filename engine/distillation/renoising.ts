/** Draws of τ for CA and DM from the windows of `contract/renoising.ts`, on the host. */
import type { Recipe } from '../contract/recipe.ts';
import { renoisingWindows, tauAt } from '../contract/renoising.ts';
import { randomUniform } from '../tensor/random.ts';

export interface RenoisingDraws {
  /** (B) each; the same array where the schedule couples the terms. */
  readonly tauDM: Float32Array;
  readonly tauCA: Float32Array;
}

/** Draws τ_DM and τ_CA for a student at time `studentTime`. */
export function drawRenoising(
  recipe: Recipe,
  step: number,
  studentTime: number,
  count: number,
): RenoisingDraws {
  const { seed } = recipe;
  const windows = renoisingWindows(recipe, studentTime);
  const tauDM = randomUniform({ seed, purpose: 'renoiseDM', step }, count).map((u) => tauAt(windows.dm, u));
  if (windows.shared) return { tauDM, tauCA: tauDM };
  const uniformCA = randomUniform({ seed, purpose: 'renoiseCA', step }, count);
  return { tauDM, tauCA: uniformCA.map((u) => tauAt(windows.ca, u)) };
}
