/** Verdicts on curves of known kinds; numbers of the first three are those of real runs on the toy. */
import { expect, it } from 'vitest';
import { judge, thresholds, type Curve, type RunNumbers } from '../../../engine/distillation/verdicts.ts';
import { parseRecipe } from '../../../engine/contract/recipe.ts';

/** Straight lines through the points, one value an iteration. */
function through(points: readonly (readonly [step: number, value: number])[]): Curve {
  return points.slice(1).flatMap(([to, end], i) => {
    const [from, begin] = points[i] ?? [0, 0];
    return Array.from({ length: to - from }, (_, k) => ({
      step: from + k + 1,
      mean: begin + ((end - begin) * (k + 1)) / (to - from),
    }));
  });
}

const checkpoints = [400, 100, 50].map((step) => ({ id: `checkpoint ${step}`, step }));

const numbers = (
  deviation: Parameters<typeof through>[0],
  fakeLoss: Parameters<typeof through>[0] = [],
  recipe: Readonly<Record<string, unknown>> = {},
  dataDeviation = 1,
): RunNumbers => ({
  recipe: parseRecipe({ data: 'toy', ...recipe }),
  curves: {
    x_std: through(deviation),
    fake_loss: through(fakeLoss),
    data_deviation: [{ step: 1, mean: dataDeviation }],
    ca_rms: [],
    distance: [],
  },
  checkpoints,
});

const sound = [
  [0, 0.095],
  [50, 0.1],
  [200, 0.204],
  [400, 0.247],
] as const;
const lagging = [
  [0, 0.259],
  [30, 0.246],
  [100, 0.477],
  [200, 0.879],
] as const;

it('sees a fake score that lags by its own loss, and asks for more of its steps', () => {
  const [lags, ...others] = judge(
    numbers(
      [
        [0, 1],
        [200, 1.38],
      ],
      lagging,
    ),
  );
  expect(others).toEqual([]);
  expect(lags).toMatchObject({
    code: 'fake-lags',
    suggestion: {
      checkpointId: 'checkpoint 100',
      changes: { 'fakeScore.learningRate': 6e-4, 'fakeScore.stepsPerStudentStep': 4 },
    },
  });
  expect(lags?.measured).toBeGreaterThan(2.5 * 0.246);
});

it('finds nothing wrong with a run that is sound, and does not call it settled while it moves', () => {
  expect(
    judge(
      numbers(
        [
          [0, 0.98],
          [100, 1.186],
          [400, 1.34],
        ],
        sound,
      ),
    ),
  ).toEqual([]);
});

it('says that CA alone over-bakes, since when, and that DM is missing', () => {
  const recipe = { distributionMatching: { weight: 0 } };
  const [found] = judge(
    numbers(
      [
        [0, 0.98],
        [100, 1.36],
        [300, 2.4],
      ],
      [],
      recipe,
    ),
  );
  expect(found).toMatchObject({
    code: 'over-baked',
    limit: thresholds.overBaked.points,
    suggestion: { checkpointId: 'checkpoint 100', changes: { 'distributionMatching.weight': 1 } },
  });
  // 1.36 + 1.04 (s − 100)/200 = 1.4 at s = 107.7; the mean of ten is 4.5 behind.
  expect(found?.step).toBeGreaterThanOrEqual(108);
  expect(found?.step).toBeLessThanOrEqual(113);
});

it('hears pictures over-bake earlier than points, as real runs on emoji do', () => {
  // Deviations of runs of one step, relative to the data's.
  const alone = [
    [0, 0.9],
    [20, 1.13],
    [30, 1.22],
    [60, 1.47],
  ] as const;
  const held = [
    [0, 0.9],
    [20, 1.058],
    [60, 1.117],
    [150, 1.172],
  ] as const;
  const withoutDM = { distributionMatching: { weight: 0 } };
  const [found] = judge(numbers(alone, [], { ...withoutDM, data: 'demo' }));
  expect(found).toMatchObject({ code: 'over-baked', limit: thresholds.overBaked.pictures });
  // 1.25 at s = 33.6; the mean of ten is 4.5 behind.
  expect(found?.step).toBeGreaterThanOrEqual(34);
  expect(found?.step).toBeLessThanOrEqual(40);
  expect(judge(numbers(held, sound, { data: 'demo' }))).toEqual([]);
});

it('weakens CA where DM is there, and measures in units of the data', () => {
  const rising = [
    [0, 0.44],
    [100, 0.9],
  ] as const;
  expect(judge(numbers(rising, sound.slice(0, 2), {}, 0.5))[0]).toMatchObject({
    code: 'over-baked',
    suggestion: { changes: { 'cfgAugmentation.weight': 0.7 } },
  });
  expect(judge(numbers(rising, sound.slice(0, 2)))).toEqual([]);
});

it('sees samples that collapse inwards', () => {
  const [found] = judge(
    numbers(
      [
        [0, 1],
        [200, 0.6],
      ],
      sound,
    ),
  );
  expect(found).toMatchObject({
    code: 'collapsed',
    suggestion: { changes: { 'optimizer.learningRate': 2.5e-5, 'renoising.normalizer': 'time' } },
  });
});

it('says that a run has settled, and only after two windows', () => {
  const flat = (to: number) =>
    judge(
      numbers(
        [
          [0, 0.6],
          [20, 1.1],
          [to, 1.11],
        ],
        sound,
      ),
    );
  expect(flat(90)).toEqual([]);
  expect(flat(200)).toMatchObject([{ code: 'converged', step: 200, suggestion: null }]);
});

it('is silent about the first iterations, and offers the oldest checkpoint where none is early enough', () => {
  const recipe = { distributionMatching: { weight: 0 } };
  expect(
    judge(
      numbers(
        [
          [0, 3],
          [15, 3],
        ],
        [],
        recipe,
      ),
    ),
  ).toEqual([]);
  expect(
    judge(
      numbers(
        [
          [0, 3],
          [40, 3],
        ],
        [],
        recipe,
      ),
    )[0]?.suggestion?.checkpointId,
  ).toBe('checkpoint 50');
});

it('says since when no checkpoint came nearer, by any method, and not after the first that does not', () => {
  const measuredAt = (distances: readonly number[], method: 'decoupled-dmd' | 'consistency') => {
    const still = numbers([]);
    const distance = distances.map((mean, i) => ({ step: 20 * (i + 1), mean }));
    return judge({ ...still, recipe: { ...still.recipe, method }, curves: { ...still.curves, distance } });
  };
  const falling = [0.25, 0.16, 0.18, 0.3];
  for (const method of ['decoupled-dmd', 'consistency'] as const) {
    expect(measuredAt(falling, method)).toEqual([]);
    expect(measuredAt([...falling, 0.9], method)).toEqual([
      { code: 'past-best', step: 40, measured: 0.9, limit: 0.16, suggestion: null },
    ]);
  }
});

it('says that the teacher has no guidance by the push of CA in units of α − 1 and of the data', () => {
  const judged = (push: number, recipe: Readonly<Record<string, unknown>>) => {
    const still = numbers([], [], recipe, 0.5);
    const ca = through([
      [0, push],
      [60, push],
    ]);
    return judge({ ...still, curves: { ...still.curves, ca_rms: ca } }).map(({ code }) => code);
  };
  // The bundled emoji teacher's push is 0.3 of the deviation 0.5, CA's of α = 2.5 therefore 0.225.
  expect(judged(0.225, {})).toEqual([]);
  expect(judged(0.05, {})).toEqual(['no-guidance']);
  expect(judged(0.05, { guidance: { scale: 1.5 } })).toEqual([]);
  expect(judged(0, { guidance: { scale: 1 } })).toEqual([]);
  expect(judged(0.05, { cfgAugmentation: { rangeMin: 0.7 } })).toEqual([]);
});

// Numbers of real runs on the toy, two phases of 200 iterations, in units of the data's deviation.
const first = [
  [0, 0.98],
  [200, 1.65],
] as const;
const phasedRuns = {
  sound: {
    deviation: [
      [201, 1.02],
      [400, 1.32],
    ],
    loss: [
      [0, 3.2],
      [200, 2.6],
      [201, 0.08],
      [400, 0.13],
    ],
  },
  lagging: {
    deviation: [
      [201, 1.03],
      [380, 1.39],
    ],
    loss: [
      [0, 3.2],
      [100, 3.1],
      [200, 3.65],
      [201, 0.13],
      [300, 0.27],
      [380, 0.56],
    ],
  },
  alone: {
    deviation: [
      [201, 1.2],
      [240, 1.42],
      [300, 1.82],
    ],
    loss: [],
  },
} as const;

it.each([
  ['sound', {}, []],
  ['lagging', {}, [{ code: 'fake-lags', suggestion: { checkpointId: 'checkpoint 100' } }]],
  [
    'alone',
    { distributionMatching: { weight: 0 } },
    [{ code: 'over-baked', suggestion: { changes: { 'distributionMatching.weight': 1 } } }],
  ],
] as const)('judges Phased DMD by its last phase: %s', (name, terms, expected) => {
  const { deviation, loss } = phasedRuns[name];
  const recipe = { method: 'phased', student: { steps: 4 }, training: { iterations: 400 }, ...terms };
  const found = judge(numbers([...first, ...deviation], loss, recipe));
  expect(found).toMatchObject(expected);
  expect(found).toHaveLength(expected.length);
  for (const { step } of found) expect(step).toBeGreaterThan(201);
  // Until then it is not judged, however its predictions spread.
  expect(judge(numbers(first, loss.slice(0, 2), recipe))).toEqual([]);
});

it('hears in the first phase whether the teacher has guidance, since later ones look at cleaner levels', () => {
  const judged = (early: number, late: number) => {
    const recipe = { method: 'phased', student: { steps: 4 }, training: { iterations: 200 } };
    const still = numbers([], [], recipe, 0.5);
    const ca = through([
      [0, early],
      [100, early],
      [101, late],
      [200, late],
    ]);
    return judge({ ...still, curves: { ...still.curves, ca_rms: ca } }).map(({ code }) => code);
  };
  expect(judged(0.225, 0.02)).toEqual([]);
  expect(judged(0.05, 0.225)).toEqual(['no-guidance']);
});
