/** What repeated measurements come to. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly values: readonly number[];
}

/** The middle value (the mean of the two middle ones) and the extremes. @throws Error for no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || lowest === undefined || highest === undefined)
    throw new Error('nothing was measured');
  return { median: (low + high) / 2, lowest, highest, values };
}

/**
 * Ours over theirs, round by round: what disturbs a whole round cancels.
 *
 * @throws Error unless both were measured in as many rounds.
 */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new Error('a ratio needs as many rounds of both');
  return spreadOf(ours.map((seconds, round) => seconds / (theirs[round] ?? NaN)));
}
