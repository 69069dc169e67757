/**
 * From which noise levels CA and DM draw their τ (arXiv 2511.22677, Table 1 and Eq 8), as pure numbers:
 * the engine draws by it, and windows show the distribution.
 */
import type { Recipe, RenoisingSchedule } from './recipe.ts';
import { shiftTimestep, unshiftTimestep } from './timesteps.ts';

/** Both ends as τ, noise first, and the shift between them: uniform before it. */
export interface TauWindow {
  readonly low: number;
  readonly high: number;
  readonly shift: number;
}

export interface RenoisingWindows {
  readonly dm: TauWindow;
  readonly ca: TauWindow;
  /** Whether CA takes DM's very draws. */
  readonly shared: boolean;
}

export type RenoisingSettings = Pick<Recipe, 'renoising' | 'distributionMatching' | 'cfgAugmentation'>;

/** Which terms draw from (t, 1) instead of (0, 1). */
export const constrainedTerms: Readonly<
  Record<RenoisingSchedule, { readonly dm: boolean; readonly ca: boolean }>
> = {
  'coupled-shared': { dm: false, ca: false },
  'decoupled-full': { dm: false, ca: false },
  'decoupled-constrained': { dm: true, ca: true },
  'decoupled-hybrid': { dm: false, ca: true },
};

/** The warm-up's first shift: its median noise level is 0.8, its mean 0.72, that of Beta(4, 1.5) 0.73. */
const WARMUP_SHIFT = 4;

/**
 * DMDR's dynamic re-noising (arXiv 2511.13649): the factor 1 + (4 − 1)·½(1 + cos(π·min(1, i/warmup))) by which the
 * windows' shift is multiplied at iteration i, counted from 0; 1 once the warm-up is over.
 *
 * As in the authors' code: high noise at first, uniform after warmup iterations, a cosine between, for the fake score's
 * draws as well. There the noise level is of Beta(a, b), a from 4 and b from 1.5 to 1, over 10,000 of 20,001 iterations.
 * Ours is a shift instead, whose mean noise is within 0.02 of it throughout, so that ranges and constrained terms keep
 * their ends, and schedules their own shift.
 */
export function warmupShift({ warmup }: Recipe['renoising'], iteration: number): number {
  if (iteration >= warmup) return 1;
  return 1 + ((WARMUP_SHIFT - 1) * (1 + Math.cos((Math.PI * iteration) / warmup))) / 2;
}

/** Width of the window just above a student's step that is already cleaner than the term's cleanest level. */
const NARROWEST = 0.01;

/**
 * The windows for a student at time `studentTime`; a constrained term never looks below it. Coupled-shared
 * has one, DM's. Without an iteration they are those after the warm-up; `end` is where a phase of Phased DMD ends.
 */
export function renoisingWindows(
  recipe: RenoisingSettings,
  studentTime: number,
  iteration = Infinity,
  end = 1,
): RenoisingWindows {
  const { schedule } = recipe.renoising;
  const shift = recipe.renoising.shift * warmupShift(recipe.renoising, iteration);
  const constrained = constrainedTerms[schedule];
  const window = (range: { rangeMin: number; rangeMax: number }, isConstrained: boolean): TauWindow => {
    const low = isConstrained ? Math.max(range.rangeMin, studentTime) : range.rangeMin;
    const cleanest = Math.min(range.rangeMax, end);
    const high = low < cleanest ? cleanest : Math.min(end, low + NARROWEST);
    return { low, high, shift };
  };
  const dm = window(recipe.distributionMatching, constrained.dm);
  if (schedule === 'coupled-shared') return { dm, ca: dm, shared: true };
  return { dm, ca: window(recipe.cfgAugmentation, constrained.ca), shared: false };
}

/** u ~ U(0, 1) to τ: uniform in the window before the shift, so that shifted draws stay in the window. */
export function tauAt({ low, high, shift }: TauWindow, u: number): number {
  const start = unshiftTimestep(low, shift);
  return shiftTimestep(start + u * (unshiftTimestep(high, shift) - start), shift);
}

/** The share of a window's draws at or below τ: the inverse of `tauAt`. */
export function shareBelow({ low, high, shift }: TauWindow, tau: number): number {
  const start = unshiftTimestep(low, shift);
  const u = (unshiftTimestep(tau, shift) - start) / (unshiftTimestep(high, shift) - start);
  return Math.min(1, Math.max(0, u));
}

/** The share of the windows' draws in each of `bins` equal parts of [0, 1], the windows drawn from equally often. */
export function tauShares(windows: readonly TauWindow[], bins: number): number[] {
  const below = (edge: number) =>
    windows.reduce((sum, window) => sum + shareBelow(window, edge), 0) / windows.length;
  return Array.from({ length: bins }, (_, k) => below((k + 1) / bins) - below(k / bins));
}
