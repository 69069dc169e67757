import { describe, expect, it } from 'vitest';
import { drawToy, toyClassCount, toyNames } from '../../../engine/data/toy2d.ts';

describe('drawToy', () => {
  it.each(toyNames)('%s has zero mean and a standard deviation of 1', (name) => {
    const count = 40_000;
    const { points, classes } = drawToy(name, count, 1);
    const mean = [0, 1].map(
      (axis) => points.reduce((sum, v, i) => sum + (i % 2 === axis ? v : 0), 0) / count,
    );
    const power = points.reduce((sum, v) => sum + v * v, 0) / (2 * count);
    for (const value of mean) expect(Math.abs(value)).toBeLessThan(0.02);
    expect(Math.abs(power - 1)).toBeLessThan(0.02);
    expect(new Set(classes).size).toBe(toyClassCount(name));
  });

  it('repeats for the same seed and step only', () => {
    const first = drawToy('blobs', 64, 1, 5);
    expect(drawToy('blobs', 64, 1, 5)).toEqual(first);
    expect(drawToy('blobs', 64, 1, 6).points).not.toEqual(first.points);
    expect(drawToy('blobs', 64, 2, 5).points).not.toEqual(first.points);
  });

  it('turns by an eighth from one class of blobs to the next', () => {
    const { points, classes } = drawToy('blobs', 80_000, 3);
    const angles = Array.from({ length: 8 }, (_, wanted) => {
      let [x, y] = [0, 0];
      classes.forEach((c, i) => {
        if (c !== wanted) return;
        x += points[2 * i] ?? 0;
        y += points[2 * i + 1] ?? 0;
      });
      return Math.atan2(y, x);
    });
    for (let i = 1; i < 8; i++) {
      const turn = ((angles[i] ?? 0) - (angles[i - 1] ?? 0) + 2 * Math.PI) % (2 * Math.PI);
      expect(turn).toBeCloseTo(Math.PI / 4, 1);
    }
  });
});
