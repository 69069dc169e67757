import { describe, expect, test } from 'vitest';
import {
  judgeStatement,
  verdictOf,
  type Quantity,
  type Statement,
} from '../../../../engine/contract/experiments/claim.ts';
import type { Interval } from '../../../../engine/contract/interval.ts';

const measured: Readonly<Record<string, Interval>> = {
  low: { mean: 1, margin: 0.2, count: 3 },
  high: { mean: 2, margin: 0.3, count: 3 },
  wide: { mean: 1.5, margin: 0.6, count: 3 },
  single: { mean: 9, margin: null, count: 1 },
};
const find = ({ variant }: Quantity) => measured[variant];
const of = (variant: string): Quantity => ({ variant, measure: 'std' });
const judge = (left: string, is: Statement['is'], right: Statement['right'], factor?: number) =>
  judgeStatement({ text: '', left: of(left), is, right, ...(factor !== undefined && { factor }) }, find)
    .verdict;

describe('a statement', () => {
  test('holds where the intervals lie apart as claimed', () => {
    expect(judge('low', 'below', of('high'))).toBe('held');
    expect(judge('high', 'above', of('low'))).toBe('held');
  });

  test('does not hold where they lie apart the other way', () => {
    expect(judge('low', 'above', of('high'))).toBe('not held');
    expect(judge('high', 'below', of('low'))).toBe('not held');
  });

  test('is undecided where they overlap, touch, are unknown or were not measured', () => {
    expect(judge('low', 'below', of('wide'))).toBe('undecided');
    expect(judge('low', 'below', 1.2)).toBe('undecided');
    expect(judge('low', 'below', of('single'))).toBe('undecided');
    expect(judge('single', 'above', 1)).toBe('undecided');
    expect(judge('missing', 'below', of('high'))).toBe('undecided');
  });

  test('compares with numbers, and with multiples, whose margins are multiplied too', () => {
    expect(judge('low', 'above', 0.79)).toBe('held');
    // 2 × (1 ± 0.2) reaches from 1.6 to 2.4, which 2 ± 0.3 overlaps; 1.4 × (1 ± 0.2) ends at 1.68, below 1.7.
    expect(judge('high', 'above', of('low'), 2)).toBe('undecided');
    expect(judge('high', 'above', of('low'), 1.4)).toBe('held');
  });
});

test('a claim holds if every statement does, and one that fails decides', () => {
  const verdicts = (...all: ('held' | 'not held' | 'undecided')[]) =>
    verdictOf(all.map((verdict) => ({ verdict })));
  expect(verdicts('held', 'held')).toBe('held');
  expect(verdicts('held', 'undecided')).toBe('undecided');
  expect(verdicts('undecided', 'not held', 'held')).toBe('not held');
  expect(verdicts()).toBe('undecided');
});
