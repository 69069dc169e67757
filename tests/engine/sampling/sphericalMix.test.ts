import { expect, test } from 'vitest';
import { sphericalMix } from '../../../engine/sampling/sphericalMix.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';

const noise = (seed: number) => randomNormal({ seed, purpose: 'sample', step: 0 }, 3072);
const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);

test('between two right angles lies √½ of each', () => {
  const half = sphericalMix(Float32Array.of(3, 0), Float32Array.of(0, 3), 0.5);
  expect(half[0]).toBeCloseTo(3 * Math.SQRT1_2, 6);
  expect(half[1]).toBeCloseTo(3 * Math.SQRT1_2, 6);
});

test('ends where it should and keeps the length of noise on the way, which a straight line loses', () => {
  const [a, b] = [noise(1), noise(2)];
  expect(sphericalMix(a, b, 0)).toEqual(a);
  expect(sphericalMix(a, b, 1)).toEqual(b);
  const straight = a.map((value, i) => (value + (b[i] ?? 0)) / 2);
  expect(square(straight) / 3072).toBeLessThan(0.6);
  for (const share of [0.25, 0.5, 0.75]) {
    const variance = square(sphericalMix(a, b, share)) / 3072;
    expect(variance).toBeGreaterThan(0.93);
    expect(variance).toBeLessThan(1.07);
  }
});

test('stays finite between a noise and itself, and its opposite', () => {
  const a = noise(3);
  const opposite = a.map((value) => -value);
  expect(sphericalMix(a, a, 0.3).every((value, i) => Math.abs(value - (a[i] ?? 0)) < 1e-5)).toBe(true);
  expect(sphericalMix(a, opposite, 0.5).every(Number.isFinite)).toBe(true);
});
