import { describe, expect, test } from 'vitest';

import { drawTimesteps, shiftTimestep, timestepGrid } from '../../../engine/flow/timesteps.ts';
import { expectClose, Golden } from '../../support/golden.ts';

const golden = new Golden('terms');
const shifts = Array.from(golden.values('shift.shifts'));

describe('timesteps', () => {
  test('the shift is that of Esser et al. in the noise level, and 1/s undoes s', () => {
    const times = Array.from(golden.values('preconditioning.t'));
    const shifted = shifts.flatMap((shift) => times.map((t) => shiftTimestep(t, shift)));
    expectClose(shifted, golden.values('shift.values'));
    const back = shifts.flatMap((shift, i) =>
      times.map((_, k) => shiftTimestep(shifted[i * times.length + k] ?? NaN, 1 / shift)),
    );
    expectClose(
      back,
      shifts.flatMap(() => times),
    );
  });

  test('grids start at noise and are shifted equal parts', () => {
    expectClose(
      shifts.flatMap((shift) => timestepGrid(4, shift)),
      golden.values('shift.grids'),
    );
    // Half of the noise is left at σ = 1/2; shifted by 3 that is 3·½/(1 + 2·½) = ¾.
    expect(timestepGrid(2, 3)).toEqual([0, 0.25]);
  });

  test('logit-normal draws are the sigmoid of normal draws', () => {
    const drawn = drawTimesteps(
      { kind: 'logit-normal', mean: -0.3, deviation: 1.2 },
      { seed: 3, purpose: 'timestep', step: 9 },
      64,
    );
    expectClose(drawn, new Golden('random').values('logitNormal'));
  });

  test('half of the shifted uniform draws lie below the shifted half', () => {
    const distribution = { kind: 'uniform', shift: 3 } as const;
    const drawn = drawTimesteps(distribution, { seed: 1, purpose: 'timestep', step: 0 }, 10_000);
    const below = drawn.filter((t) => t < shiftTimestep(0.5, 3)).length / drawn.length;
    // Five standard deviations of a binomial share of 10,000 draws.
    expect(Math.abs(below - 0.5)).toBeLessThan(0.025);
  });
});
