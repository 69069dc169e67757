import { expect, it } from 'vitest';
import { measureColour } from '../../../engine/metrics/colour.ts';

it('measures two pixels as computed by hand', () => {
  // Pure red, and a grey that is beyond white.
  const { mean, std, saturation, outOfRange } = measureColour(Float32Array.of(1, -1, -1, 1.5, 1.5, 1.5));
  expect(mean).toBeCloseTo(3.5 / 6, 6);
  expect(std).toBeCloseTo(Math.sqrt((3 + 3 * 2.25) / 6 - (3.5 / 6) ** 2), 6);
  expect(saturation).toBeCloseTo(0.5, 6);
  expect(outOfRange).toBeCloseTo(0.5, 6);
});

it('brings values into the range before it measures saturation', () => {
  // Red at 3 shows as 1, and at −3 as 0; what a screen shows is pure red.
  expect(measureColour(Float32Array.of(3, -3, -3)).saturation).toBe(1);
});

it('is not a number for pictures that are not', () => {
  expect(measureColour(Float32Array.of(NaN, 0, 0)).mean).toBeNaN();
});
