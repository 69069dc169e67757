/** Captured against eager, and against themselves: what a graph computes is what its step says, for every preset. */
import { describe, expect } from 'vitest';

import { presets } from '../../../engine/contract/presets.ts';
import { parseRecipe, type Recipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { memoryInfo } from '../../../engine/tensor/memory.ts';
import type { ResidentState } from '../../../engine/tensor/residentState.ts';
import { dispose, tensor } from '../../../engine/tensor/tf.ts';
import { nativeTest } from '../../support/nativeEngine.ts';
import { createToyTrainer, iterate, stateValues } from '../../support/toyDistillation.ts';

type Values = Awaited<ReturnType<typeof stateValues>>;

/** The presets, and what they leave out. */
const inputs: Readonly<Record<string, RecipeInput>> = {
  ...Object.fromEntries(Object.entries(presets).map(([name, { recipe }]) => [name, recipe])),
  'decoupled-full': { student: { steps: 3 }, renoising: { schedule: 'decoupled-full' } },
  'decoupled-constrained': {
    student: { steps: 3 },
    renoising: { schedule: 'decoupled-constrained', normalizer: 'time' },
    meanVariance: { weight: 0.1 },
    optimizer: { weightDecay: 0.01, beta1: 0.5 },
    fakeScore: { trained: 'always' },
  },
};
const recipes: [string, Recipe][] = Object.entries(inputs).map(([name, input]) => [
  name,
  parseRecipe({ ...input, training: { ...input.training, batch: 4 } }),
]);

const TOLERANCE = 1e-5;
/** Beside the presets: second moments are of squares, whose relative error is twice that of gradients. */
const toleranceOf = (name: string, part: string): number =>
  !(name in presets) && part.endsWith('.second') ? 2 * TOLERANCE : TOLERANCE;

describe('captured steps', () => {
  nativeTest.each(recipes)('%s: 50 iterations of the MLP end where eager ones do', async (name, recipe) => {
    await expectCapturedEqualsEager(name, recipe, 'mlp', 50, /./);
  });

  // Moments settle later: where the fake score still is the teacher, DM's direction is the rounding of their difference.
  nativeTest.each(recipes)('%s: after 5 of the transformer so do its weights', async (name, recipe) => {
    await expectCapturedEqualsEager(name, recipe, 'dit', 5, /^\w+$|ema$/);
  });

  nativeTest.each(recipes)('%s: 50 iterations in two parts are 50 in one, bit for bit', async (_, recipe) => {
    await expectResumedEqualsWhole(recipe, 'mlp', 50);
  });

  nativeTest('10 iterations of the transformer in two parts are 10 in one, bit for bit', async () => {
    await expectResumedEqualsWhole(parseRecipe({ student: { steps: 3 } }), 'dit', 10);
  });

  nativeTest.each([0, 0.1])('200 iterations leave no tensor behind, GAN weight %d', async (weight) => {
    await activateBackend('tensorflow');
    const before = memoryInfo();
    const changes = { student: { steps: 3 }, gan: { weight }, training: { batch: 4 } };
    const trainer = createToyTrainer(parseRecipe(changes));
    await iterate(trainer, 0, 200);
    trainer.dispose();
    const after = memoryInfo();
    expect([after.tensors, after.nativeTensors]).toEqual([before.tensors, before.nativeTensors]);
  });
});

async function expectCapturedEqualsEager(
  name: string,
  recipe: Recipe,
  family: 'mlp' | 'dit',
  iterations: number,
  compared: RegExp,
): Promise<void> {
  await activateBackend('tensorflow');
  const captured = createToyTrainer(recipe, family);
  const eager = createToyTrainer(recipe, family, 'eager');
  for (const trainer of [captured, eager]) await iterate(trainer, 0, iterations);
  const [actual, expected] = [await stateValues(captured), await stateValues(eager)];
  const parts = new Set(Object.keys(expected).map(partOf));
  const heads = recipe.gan.weight > 0 ? 3 : 0;
  expect(parts.size).toBe(
    { 'decoupled-dmd': 8 + heads, phased: 9, consistency: 5, progressive: 6 }[recipe.method],
  );
  for (const part of [...parts].filter((one) => compared.test(one)))
    expect(distance(part, actual, expected), part).toBeLessThanOrEqual(toleranceOf(name, part));
  for (const trainer of [captured, eager]) trainer.dispose();
}

async function expectResumedEqualsWhole(
  recipe: Recipe,
  family: 'mlp' | 'dit',
  iterations: number,
): Promise<void> {
  await activateBackend('tensorflow');
  const whole = createToyTrainer(recipe, family);
  await iterate(whole, 0, iterations);
  const first = createToyTrainer(recipe, family);
  await iterate(first, 0, iterations / 2);
  const resumed = createToyTrainer(recipe, family);
  restore(resumed.state, await stateValues(first));
  await iterate(resumed, iterations / 2, iterations);
  expect(await stateValues(resumed)).toEqual(await stateValues(whole));
  for (const trainer of [whole, first, resumed]) trainer.dispose();
}

/** Whose weights, averages or moments a tensor belongs to: `student`, `studentAdam.ema`, `fakeAdam.first` … */
const partOf = (name: string): string => /^(?:\w+Adam\.\w+|\w+)/.exec(name)?.[0] ?? name;

/** ‖actual − expected‖ ÷ ‖expected‖ of one part of the state as one vector. */
function distance(part: string, actual: Values, expected: Values): number {
  let [difference, norm] = [0, 0];
  for (const [name, values] of Object.entries(expected)) {
    if (partOf(name) !== part) continue;
    values.forEach((value, i) => {
      if (isArbitrary(name, i, values.length)) return;
      difference += ((actual[name]?.[i] ?? NaN) - value) ** 2;
      norm += value ** 2;
    });
  }
  return Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE));
}

/**
 * The keys' bias: softmax makes its gradient exactly 0, so Adam divides the rounding error by itself and walks a
 * whole step in a random direction that changes no output.
 */
const isArbitrary = (name: string, index: number, length: number): boolean =>
  name.endsWith('attn.qkv.bias') && Math.floor((3 * index) / length) === 1;

function restore(state: ResidentState, values: Values): void {
  const current = state.read();
  const saved = Object.fromEntries(
    Object.entries(current).map(([name, { shape }]) => [name, tensor(values[name] ?? [], shape)]),
  );
  state.write(saved);
  dispose([current, saved]);
}
