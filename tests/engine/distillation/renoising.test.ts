import { describe, expect, test } from 'vitest';

import { parseRecipe, renoisingSchedules, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { drawFakeTimes, drawRenoising } from '../../../engine/distillation/renoising.ts';
import { shiftTimestep } from '../../../engine/flow/timesteps.ts';
import { studentTimesteps } from '../../../engine/sampling/fewStep.ts';

const COUNT = 4000;
const shifts = [0.1, 1, 3, 20];
const everyStudentTime = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((steps) =>
  shifts.flatMap((shift) => studentTimesteps(steps, shift)),
);

function draws(schedule: (typeof renoisingSchedules)[number], shift: number, time: number, count = COUNT) {
  const recipe = parseRecipe({ renoising: { schedule, shift } } satisfies RecipeInput);
  return drawRenoising(recipe, 0, time, count);
}

/** Largest distance between the share of draws below each draw and that of U(low, high) under the shift. */
function kolmogorovDistance(drawn: Float32Array, low: number, high: number, shift: number): number {
  const [start, end] = [shiftTimestep(low, 1 / shift), shiftTimestep(high, 1 / shift)];
  const positions = Array.from(drawn, (tau) => (shiftTimestep(tau, 1 / shift) - start) / (end - start));
  positions.sort((a, b) => a - b);
  return positions.reduce((most, u, i) => Math.max(most, Math.abs(u - (i + 0.5) / positions.length)), 0);
}

/** Of `COUNT` draws of the right distribution, one sample in 10,000 lies farther from it. */
const FARTHEST = 2.23 / Math.sqrt(COUNT);

/** Float32's rounding of a border. */
const ROUNDING = 1e-6;

describe('re-noising draws', () => {
  test('the shared schedule draws once', () => {
    const { tauDM, tauCA } = draws('coupled-shared', 1, 0.5);
    expect(tauCA).toBe(tauDM);
  });

  test.each(renoisingSchedules.slice(1))('%s draws independently', (schedule) => {
    const { tauDM, tauCA } = draws(schedule, 1, 0);
    const covariance = tauDM.reduce((sum, dm, i) => sum + (dm - 0.49) * ((tauCA[i] ?? 0) - 0.49), 0) / COUNT;
    // Five standard deviations of the mean of products of two uniforms of variance 0.98²/12.
    expect(Math.abs(covariance)).toBeLessThan((5 * 0.98 ** 2) / 12 / Math.sqrt(COUNT));
  });

  test.each([
    { schedule: 'coupled-shared', dm: false, ca: false },
    { schedule: 'decoupled-full', dm: false, ca: false },
    { schedule: 'decoupled-constrained', dm: true, ca: true },
    { schedule: 'decoupled-hybrid', dm: false, ca: true },
  ] as const)('$schedule: both terms have their distribution, at every shift', ({ schedule, dm, ca }) => {
    for (const shift of shifts) {
      for (const time of [0, 0.4, 0.9]) {
        const { tauDM, tauCA } = draws(schedule, shift, time);
        expect(kolmogorovDistance(tauDM, dm ? time : 0, 0.98, shift)).toBeLessThan(FARTHEST);
        expect(kolmogorovDistance(tauCA, ca ? time : 0, 0.98, shift)).toBeLessThan(FARTHEST);
      }
    }
  });

  test('constrained terms stay cleaner than the student, for every number of steps and every shift', () => {
    for (const shift of shifts) {
      for (const time of everyStudentTime) {
        const hybrid = draws('decoupled-hybrid', shift, time, 200);
        const constrained = draws('decoupled-constrained', shift, time, 200);
        for (const drawn of [hybrid.tauCA, constrained.tauCA, constrained.tauDM]) {
          expect(Math.min(...drawn)).toBeGreaterThanOrEqual(time - ROUNDING);
          // A step cleaner than the term's cleanest level leaves the term what is just above it.
          const cleanest = time < 0.98 ? 0.98 : time + 0.01;
          expect(Math.max(...drawn)).toBeLessThanOrEqual(cleanest + ROUNDING);
        }
      }
    }
  });

  test("a warm-up begins at high noise, near DMDR's Beta(4, 1.5), and ends in the schedule's own draws", () => {
    const recipe = parseRecipe({ renoising: { schedule: 'coupled-shared', warmup: 100 } });
    const meanNoise = (taus: Float32Array) => 1 - taus.reduce((sum, tau) => sum + tau, 0) / taus.length;
    const whole = { ...recipe, distributionMatching: { ...recipe.distributionMatching, rangeMax: 1 } };
    for (const iteration of [0, 25, 50, 75, 99]) {
      const { tauDM } = drawRenoising(whole, iteration, 0, 40_000);
      const share = 0.5 * (1 + Math.cos((Math.PI * iteration) / 100));
      const [a, b] = [1 + 3 * share, 1 + 0.5 * share];
      expect(Math.abs(meanNoise(tauDM) - a / (a + b)), `iteration ${iteration}`).toBeLessThan(0.025);
      expect(meanNoise(drawFakeTimes(recipe, iteration, 0, 40_000))).toBeCloseTo(meanNoise(tauDM), 1);
    }
    const without = { ...recipe, renoising: { ...recipe.renoising, warmup: 0 } };
    for (const iteration of [100, 5000]) {
      expect(drawRenoising(recipe, iteration, 0, 50)).toEqual(drawRenoising(without, iteration, 0, 50));
      expect(drawFakeTimes(recipe, iteration, 3, 50)).toEqual(drawFakeTimes(without, iteration, 3, 50));
    }
    expect(drawRenoising(recipe, 99, 0, 50)).not.toEqual(drawRenoising(without, 99, 0, 50));
  });

  test("a term's own range is kept, and the stricter of two lower borders holds", () => {
    const recipe = parseRecipe({
      renoising: { schedule: 'decoupled-hybrid' },
      cfgAugmentation: { rangeMin: 0.3, rangeMax: 0.5 },
      distributionMatching: { rangeMin: 0.6, rangeMax: 0.7 },
    });
    const { tauDM, tauCA } = drawRenoising(recipe, 7, 0.1, 1000);
    expect([Math.min(...tauCA) >= 0.3, Math.max(...tauCA) <= 0.5]).toEqual([true, true]);
    expect([Math.min(...tauDM) >= 0.6 - ROUNDING, Math.max(...tauDM) <= 0.7]).toEqual([true, true]);
    expect(Math.min(...drawRenoising(recipe, 7, 0.4, 1000).tauCA)).toBeGreaterThanOrEqual(0.4 - ROUNDING);
  });
});
