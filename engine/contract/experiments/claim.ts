/** What an experiment claims, as comparisons of measured numbers, and the rule that says whether they hold. Pure. */
import { endsOf, type Interval } from '../interval.ts';
import type { Scale } from '../sweep.ts';

/** A measure of a variant or baseline, over its seeds. */
export interface Quantity {
  readonly variant: string;
  readonly measure: string;
}

export interface Statement {
  /** One sentence that is true if the comparison holds. */
  readonly text: string;
  readonly left: Quantity;
  readonly is: 'above' | 'below';
  /** A number, or another quantity times `factor`. */
  readonly right: Quantity | number;
  readonly factor?: number;
  /** Only of this kind of teacher; by default of both. */
  readonly scale?: Scale;
}

export const verdicts = ['held', 'not held', 'undecided'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Judgement {
  readonly text: string;
  readonly verdict: Verdict;
  /** Undefined where it was not measured. */
  readonly left: Interval | undefined;
  readonly is: Statement['is'];
  readonly right: Interval | undefined;
}

/** Held where the 95 % intervals lie apart in the claimed order, not held where in the other, else undecided. */
export function judgeStatement(
  { text, left, is, right, factor = 1 }: Statement,
  measured: (quantity: Quantity) => Interval | undefined,
): Judgement {
  const a = measured(left);
  const b = typeof right === 'number' ? { mean: right, margin: 0, count: 1 } : times(measured(right), factor);
  return { text, left: a, is, right: b, verdict: a && b ? compare(a, is, b) : 'undecided' };
}

function compare(left: Interval, is: Statement['is'], right: Interval): Verdict {
  const [lower, upper] = is === 'below' ? [left, right] : [right, left];
  if (endsOf(lower).high < endsOf(upper).low) return 'held';
  return endsOf(upper).high < endsOf(lower).low ? 'not held' : 'undecided';
}

/** A claim holds if all of its statements do, and fails with the first that fails. */
export function verdictOf(judgements: readonly Pick<Judgement, 'verdict'>[]): Verdict {
  if (judgements.some(({ verdict }) => verdict === 'not held')) return 'not held';
  return judgements.length > 0 && judgements.every(({ verdict }) => verdict === 'held')
    ? 'held'
    : 'undecided';
}

function times(interval: Interval | undefined, factor: number): Interval | undefined {
  if (!interval) return undefined;
  const { mean, margin, count } = interval;
  return { mean: mean * factor, margin: margin === null ? null : margin * Math.abs(factor), count };
}
