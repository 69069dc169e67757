/** What an experiment claims, as comparisons of measured numbers, and the rule that says whether they hold. Pure. */
import { endsOf, intervalOf, type Interval } from '../interval.ts';
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
  /** Left less right, seed by seed. */
  readonly difference: Interval | undefined;
}

/** What was measured, by seed. */
export type BySeed = ReadonlyMap<number, number>;

/**
 * Equal seeds have equal noise, conditions and reference, so that pairs are compared: held where the 95 % interval of the
 * differences lies on the claimed side of zero, not held where on the other, undecided where zero is in it.
 */
export function judgeStatement(
  { text, left, is, right, factor = 1 }: Statement,
  measured: (quantity: Quantity) => BySeed,
): Judgement {
  const a = measured(left);
  const bound = typeof right === 'number' ? () => right : timesBySeed(measured(right), factor);
  const pairs = [...a].flatMap(([seed, value]) => {
    const other = bound(seed);
    return other === undefined ? [] : [{ value, other }];
  });
  const difference = intervalOf(pairs.map(({ value, other }) => value - other));
  return {
    ...{ text, is, difference },
    left: intervalOf(pairs.map(({ value }) => value)),
    right: intervalOf(pairs.map(({ other }) => other)),
    verdict: difference ? sideOf(difference, is) : 'undecided',
  };
}

const timesBySeed =
  (values: BySeed, factor: number) =>
  (seed: number): number | undefined => {
    const value = values.get(seed);
    return value === undefined ? undefined : value * factor;
  };

function sideOf(difference: Interval, is: Statement['is']): Verdict {
  const { low, high } = endsOf(difference);
  const [claimed, other] = is === 'above' ? [low > 0, high < 0] : [high < 0, low > 0];
  if (claimed) return 'held';
  return other ? 'not held' : 'undecided';
}

/** A claim holds if all of its statements do, and fails with the first that fails. */
export function verdictOf(judgements: readonly Pick<Judgement, 'verdict'>[]): Verdict {
  if (judgements.some(({ verdict }) => verdict === 'not held')) return 'not held';
  return judgements.length > 0 && judgements.every(({ verdict }) => verdict === 'held')
    ? 'held'
    : 'undecided';
}
