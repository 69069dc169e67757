/** Whether a teacher has guidance for CA to distil, from two numbers of it. Pure: `measureGuidance.ts` takes them. */

export interface GuidanceMeasure {
  /**
   * RMS of x̂1(x_τ, c) − x̂1(x_τ, ∅) over a batch and τ from 0.1 to 0.9, in units of the data's deviation. A run's
   * `ca_rms` divided by α − 1 and by the data's deviation is the same at CA's own τ.
   */
  readonly push: number;
  /** The same at τ = 0.95, in units of the error of x̂1(x_τ, c): there x_τ itself tells nearly all that c could. */
  readonly stray: number;
}

/**
 * Measured with 32 samples a teacher; push and stray:
 *
 * | teacher                               | with drop-out | without      |
 * | ------------------------------------- | ------------- | ------------ |
 * | emoji, bundled                        | 0.149, 0.187  |              |
 * | toy, bundled                          | 0.647, 0.373  |              |
 * | toy, 1500 iterations                  | 0.655, 0.256  | 0.919, 1.533 |
 * | emoji, 900 iterations                 | 0.100, 0.154  | 0.370, 0.665 |
 * | the same, classes drawn by lot        | 0.056, 0.140  |              |
 *
 * Without condition drop-out ∅ was never trained and predicts anything: the push is larger than a sound one, and the
 * stray alone tells. Classes that say nothing of their pictures leave a small push.
 */
export const guidanceThresholds = { push: 0.075, stray: 0.47 } as const;

/** `weak`: the condition hardly matters. `untrained`: the network was never taught to do without it. */
export type GuidanceUse = 'usable' | 'weak' | 'untrained';

export function guidanceUse({ push, stray }: GuidanceMeasure): GuidanceUse {
  if (stray >= guidanceThresholds.stray) return 'untrained';
  return push < guidanceThresholds.push ? 'weak' : 'usable';
}
