import { describe, expect, test } from 'vitest';
import {
  judgeStatement,
  verdictOf,
  type Quantity,
  type Statement,
} from '../../../../engine/contract/experiments/claim.ts';

/** By seeds 1, 2 and 3. */
const measured: Readonly<Record<string, readonly number[]>> = {
  low: [1, 4, 9],
  // 1, 1.1 and 0.9 above it: t of two degrees of freedom, 4.303, times 0.1 ÷ √3 is 0.248.
  high: [2, 5.1, 9.9],
  // 1, −1 and 0.3 above it.
  crossing: [2, 3, 9.3],
  single: [9],
  two: [1, 4],
};
const find = ({ variant }: Quantity) => new Map(measured[variant]?.map((value, i) => [i + 1, value]));
const of = (variant: string): Quantity => ({ variant, measure: 'std' });
const judged = (left: string, is: Statement['is'], right: Statement['right'], factor?: number) =>
  judgeStatement({ text: '', left: of(left), is, right, ...(factor !== undefined && { factor }) }, find);
const judge = (...statement: Parameters<typeof judged>) => judged(...statement).verdict;

describe('a statement', () => {
  test('holds where equal seeds differ as claimed, however far the seeds scatter', () => {
    expect(judge('low', 'below', of('high'))).toBe('held');
    expect(judge('high', 'above', of('low'))).toBe('held');
    const { difference } = judged('high', 'above', of('low'));
    expect(difference?.mean).toBeCloseTo(1, 12);
    expect(difference?.margin).toBeCloseTo(0.24843, 4);
  });

  test('does not hold where they differ the other way', () => {
    expect(judge('low', 'above', of('high'))).toBe('not held');
    expect(judge('high', 'below', of('low'))).toBe('not held');
  });

  test('is undecided where zero is in the interval, where it is not known, and where nothing was measured', () => {
    expect(judge('crossing', 'above', of('low'))).toBe('undecided');
    expect(judge('low', 'above', of('low'))).toBe('undecided');
    expect(judge('single', 'above', 1)).toBe('undecided');
    expect(judge('missing', 'below', of('high'))).toBe('undecided');
  });

  test('compares the seeds that both have, and says what it compared', () => {
    const { left, right, difference } = judged('two', 'below', of('high'));
    expect([left?.count, right?.count, difference?.count]).toEqual([2, 2, 2]);
    expect(right?.mean).toBeCloseTo(3.55, 12);
  });

  test('compares with numbers, and with multiples', () => {
    // 1, 4 and 9 are 4.67 ± 10.04 on the average.
    expect(judge('low', 'above', -6)).toBe('held');
    expect(judge('low', 'above', -5)).toBe('undecided');
    expect(judged('low', 'above', 2).right).toEqual({ mean: 2, margin: 0, count: 3 });
    // 2, 5.1 and 9.9 less 0.8 times 1, 4 and 9 are 1.2, 1.9 and 2.7: 1.93 ± 1.86.
    expect(judge('high', 'above', of('low'), 0.8)).toBe('held');
    expect(judge('high', 'above', of('low'), 2)).toBe('undecided');
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
