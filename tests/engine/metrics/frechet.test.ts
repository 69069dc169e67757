import { describe, expect, it } from 'vitest';
import type { Features } from '../../../engine/metrics/features.ts';
import { fitGaussian, gaussianDistance } from '../../../engine/metrics/frechet.ts';
import { features, metricGoldens } from './support.ts';

const frechetDistance = (a: Features, b: Features) => gaussianDistance(fitGaussian(a), fitGaussian(b));

describe('fitGaussian', () => {
  it('gives the mean and the covariance with the divisor N − 1', () => {
    const { mean, covariance } = fitGaussian(features([[1, 0], [3, 0], [5, 6]])); // prettier-ignore
    expect([...mean]).toEqual([3, 2]);
    expect(covariance.to2DArray()).toEqual([[4, 6], [6, 12]]); // prettier-ignore
  });

  it('refuses a single picture', () => {
    expect(() => fitGaussian(features([[1, 2]]))).toThrow(/at least two/);
  });
});

describe('gaussianDistance', () => {
  it('is the squared difference of means plus that of deviations, in one dimension', () => {
    // Means 1 and 5; variances 2 and 8, so deviations √2 and 2√2: 16 + 2.
    expect(frechetDistance(features([[0], [2]]), features([[3], [7]]))).toBeCloseTo(18, 10);
  });

  it.each(metricGoldens.frechet)('equals SciPy’s $distance, singular covariances included', (golden) => {
    const [a, b] = [features(golden.a), features(golden.b)];
    // SciPy’s root of a singular matrix is right to about 1e-6 only.
    expect(Math.abs(frechetDistance(a, b) - golden.distance)).toBeLessThan(1e-5 * golden.distance);
    expect(frechetDistance(b, a)).toBeCloseTo(frechetDistance(a, b), 6);
  });

  it('is zero between a set and itself, and not a number for features that are not', () => {
    const set = features(metricGoldens.frechet[0]?.a ?? []);
    expect(frechetDistance(set, set)).toBeLessThan(1e-9);
    expect(frechetDistance(set, { ...set, values: set.values.with(3, NaN) })).toBeNaN();
  });
});
