import { expect, test } from 'vitest';
import { parseRecipe, renoisingSchedules } from '../../../engine/contract/recipe.ts';
import {
  renoisingWindows,
  shareBelow,
  tauAt,
  tauShares,
  warmupShift,
} from '../../../engine/contract/renoising.ts';
import { timestepGrid } from '../../../engine/contract/timesteps.ts';
import { drawRenoising } from '../../../engine/distillation/renoising.ts';

const BINS = 20;
const DRAWS = 4000;

test('without a shift the shares are the overlap of bin and window', () => {
  expect(tauShares([{ low: 0.25, high: 0.75, shift: 1 }], 4)).toEqual([0, 0.5, 0.5, 0]);
  const shares = tauShares(
    [
      { low: 0, high: 1, shift: 1 },
      { low: 0.5, high: 1, shift: 1 },
    ],
    2,
  );
  expect(shares[0]).toBeCloseTo(0.25, 12);
  expect(shares[1]).toBeCloseTo(0.75, 12);
});

test('a shift of 3 puts half of the draws below t = 1/4', () => {
  // σ' = 3σ/(1 + 2σ) at σ = 1/2 is 3/4.
  expect(tauAt({ low: 0, high: 1, shift: 3 }, 0.5)).toBeCloseTo(0.25, 12);
  expect(shareBelow({ low: 0, high: 1, shift: 3 }, 0.25)).toBeCloseTo(0.5, 12);
});

test("the warm-up's factor falls from 4 to 1 by a cosine", () => {
  const at = (iteration: number, warmup: number) =>
    warmupShift({ ...parseRecipe({}).renoising, warmup }, iteration);
  expect([at(0, 60), at(20, 60), at(30, 60), at(60, 60), at(61, 60), at(0, 0)]).toEqual(
    [4, 3.25, 2.5, 1, 1, 1].map((factor) => expect.closeTo(factor, 12) as number),
  );
  const recipe = parseRecipe({ renoising: { shift: 2, warmup: 60 } });
  expect(renoisingWindows(recipe, 0.5, 30).ca).toEqual({
    low: 0.5,
    high: 0.98,
    shift: expect.closeTo(5, 12) as number,
  });
  expect(renoisingWindows(recipe, 0.5).ca.shift).toBe(2);
});

test.each(renoisingSchedules)('%s: the shares are those of the draws that a training makes', (schedule) => {
  const recipe = parseRecipe({
    renoising: { schedule, shift: 3 },
    student: { steps: 4 },
    cfgAugmentation: { rangeMin: 0.1, rangeMax: 0.8 },
    distributionMatching: { rangeMin: 0.05, rangeMax: 0.9 },
  });
  const times = timestepGrid(recipe.student.steps, recipe.student.shift);
  const drawn = times.map((time, step) => drawRenoising(recipe, step, time, DRAWS));
  const windows = times.map((time) => renoisingWindows(recipe, time));
  for (const [taus, shares] of [
    [
      drawn.flatMap(({ tauCA }) => [...tauCA]),
      tauShares(
        windows.map(({ ca }) => ca),
        BINS,
      ),
    ],
    [
      drawn.flatMap(({ tauDM }) => [...tauDM]),
      tauShares(
        windows.map(({ dm }) => dm),
        BINS,
      ),
    ],
  ] as const) {
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    for (const [bin, share] of shares.entries()) {
      const counted = taus.filter((tau) => Math.min(BINS - 1, Math.floor(tau * BINS)) === bin).length;
      // Five standard deviations of a binomial, plus what rounding moves over a border.
      const deviation = Math.sqrt((share * (1 - share)) / taus.length);
      expect(Math.abs(counted / taus.length - share)).toBeLessThan(5 * deviation + 1e-3);
    }
  }
});
