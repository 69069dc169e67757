import { describe, expect, it } from 'vitest';
import { drawToy } from '../../../engine/data/toy2d.ts';
import {
  classSlicedWasserstein,
  slicedWasserstein,
  wasserstein1,
  type LabelledPoints,
} from '../../../engine/metrics/slicedWasserstein.ts';
import { features, metricGoldens } from './support.ts';

const sorted = (values: readonly number[]) => Float64Array.from(values).sort();

function toy(seed: number): LabelledPoints {
  const { points, classes } = drawToy('blobs', 2_000, seed);
  return { points: { values: points, count: 2_000, width: 2 }, classes };
}

it.each(metricGoldens.wasserstein1)(
  'W₁ on a line equals SciPy’s $distance, also for unequal counts',
  (golden) => {
    expect(wasserstein1(sorted(golden.a), sorted(golden.b))).toBeCloseTo(golden.distance, 10);
  },
);

describe('slicedWasserstein', () => {
  it('of a shift in the plane is its length times the mean of |cosine|, 2/π', () => {
    const { points } = toy(1);
    const shifted = { ...points, values: points.values.map((value, i) => value + (i % 2 === 0 ? 3 : 4)) };
    // 64 random directions give the mean to about 0.31 / √64 = 0.04.
    expect(slicedWasserstein(points, shifted) / 5).toBeGreaterThan(2 / Math.PI - 0.12);
    expect(slicedWasserstein(points, shifted) / 5).toBeLessThan(2 / Math.PI + 0.12);
    expect(slicedWasserstein(points, points)).toBe(0);
  });
});

describe('classSlicedWasserstein', () => {
  it('is the mean over the classes, not over the points', () => {
    const [here, there] = [features([[0, 0], [0, 0], [0, 0], [0, 0]]), features([[0, 0], [3, 4], [0, 0], [0, 0]])]; // prettier-ignore
    const moved = classSlicedWasserstein(
      { points: here, classes: [0, 1, 0, 0] },
      { points: there, classes: [0, 1, 0, 0] },
    );
    const alone = slicedWasserstein(features([[0, 0]]), features([[3, 4]]));
    expect(moved).toBeCloseTo(alone / 2, 10);
  });

  it('is small between two draws of a toy, and large once labels are exchanged', () => {
    const [one, other] = [toy(1), toy(2)];
    const exchanged = { ...other, classes: Array.from(other.classes, (label) => (label + 1) % 8) };
    const floor = classSlicedWasserstein(one, other);
    expect(floor).toBeLessThan(0.06);
    expect(classSlicedWasserstein(one, exchanged)).toBeGreaterThan(10 * floor);
  });

  it('refuses sets with different classes', () => {
    const set = features([[0, 0], [1, 1]]); // prettier-ignore
    const compare = () =>
      classSlicedWasserstein({ points: set, classes: [0, 1] }, { points: set, classes: [0, 0] });
    expect(compare).toThrow(/class 1/);
  });
});
