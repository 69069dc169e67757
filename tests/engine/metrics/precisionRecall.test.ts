import { expect, it } from 'vitest';
import { precisionRecall } from '../../../engine/metrics/precisionRecall.ts';
import { features, metricGoldens } from './support.ts';

it.each(metricGoldens.precisionRecall)('equals NumPy’s $precision and $recall', (golden) => {
  const measured = precisionRecall(features(golden.real), features(golden.generated));
  expect(measured.precision).toBeCloseTo(golden.precision, 10);
  expect(measured.recall).toBeCloseTo(golden.recall, 10);
});

it('sees a collapsed generator: right, but covering little', () => {
  const real = features(Array.from({ length: 40 }, (_, i) => [i]));
  // Every point within 0 to 2: inside the real support, which it leaves uncovered beyond about 3.
  const collapsed = features(Array.from({ length: 40 }, (_, i) => [i / 20]));
  const { precision, recall } = precisionRecall(real, collapsed);
  expect(precision).toBe(1);
  expect(recall).toBe(3 / 40);
});

it('gives 1 and 1 for a set and itself, 0 and 0 for sets far apart', () => {
  const near = features([[0], [1], [2], [3], [4]]);
  const far = features([[100], [101], [102], [103], [104]]);
  expect(precisionRecall(near, near)).toEqual({ precision: 1, recall: 1 });
  expect(precisionRecall(near, far)).toEqual({ precision: 0, recall: 0 });
});

it('refuses fewer pictures than neighbours', () => {
  expect(() => precisionRecall(features([[1], [2], [3]]), features([[1], [2], [3]]))).toThrow(/more than 3/);
});
