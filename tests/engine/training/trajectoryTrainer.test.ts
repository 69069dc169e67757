import { describe, expect } from 'vitest';

import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';
import { dispose, tensor } from '../../../engine/tensor/tf.ts';
import { memoryInfo } from '../../../engine/tensor/memory.ts';
import type { StepMode } from '../../../engine/tensor/step.ts';
import { createDistillation } from '../../../engine/training/createDistillation.ts';
import type { Distillation } from '../../../engine/training/distillation.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import { denoiserOf } from '../../support/goldenModel.ts';
import { nativeTest } from '../../support/nativeEngine.ts';
import {
  classesOf,
  iterate,
  roleWeights,
  stateValues,
  type TrainerHeader,
} from '../../support/toyDistillation.ts';

const names = ['consistency', 'euler', 'progressive'];

function create(
  name: string,
  mode: StepMode = 'auto',
): { golden: Golden<TrainerHeader>; trainer: Distillation } {
  const golden = new Golden<TrainerHeader>('trajectories-mlp');
  const { recipes, iterations, target } = golden.header;
  const input: RecipeInput = { ...recipes[name], training: { batch: 4, iterations } };
  const recipe = parseRecipe(input);
  const teacher = golden.named('weights.teacher');
  const trainer = createDistillation({
    ...{ denoiser: denoiserOf(golden), recipe, teacher, statistics: target, conditions: classesOf, mode },
    batches: (step, count) => ({
      x1: randomNormal({ seed: recipe.seed, purpose: 'data', step }, 2 * count),
      condition: classesOf(step, count),
    }),
  });
  dispose(teacher);
  return { golden, trainer };
}

describe('the trajectory trainer', () => {
  onEachBackend((run) => {
    run.each(names)('%s: six iterations end where torch with its own AdamW ends', async (name) => {
      const { golden, trainer } = create(name);
      const losses: number[] = [];
      for (let i = 0; i < golden.header.iterations; i++)
        losses.push((await trainer.iterate(i))['loss'] ?? NaN);
      expectClose(losses, golden.values(`${name}.losses`), 'losses', 1e-3);
      await golden.expectNamed(roleWeights(trainer, 'student'), `${name}.student`);
      await golden.expectNamed(roleWeights(trainer, 'studentAdam.ema'), `${name}.average`);
      await golden.expectNamed(roleWeights(trainer, 'teacher'), 'weights.teacher');
      trainer.dispose();
    });

    // Progressive distillation's second stage begins with iteration 3.
    run.each([
      ['consistency', 2],
      ['progressive', 2],
      ['progressive', 3],
      ['progressive', 4],
    ])('%s, resumed at %i, equals an uninterrupted run bit for bit', async (name, at) => {
      const { trainer: whole } = create(name);
      await iterate(whole, 0, 6);
      const { trainer: first } = create(name);
      await iterate(first, 0, at);
      const saved = await stateValues(first);
      const { trainer: resumed } = create(name);
      for (const [tensorName, { shape }] of Object.entries(first.state.read()))
        resumed.state.write({ [tensorName]: tensor(saved[tensorName] ?? [], shape) });
      await iterate(resumed, at, 6);
      expect(await stateValues(resumed)).toEqual(await stateValues(whole));
      for (const trainer of [whole, first, resumed]) trainer.dispose();
    });
  });

  nativeTest.each(names)('%s: captured iterations end where eager ones do', async (name) => {
    await activateBackend('tensorflow');
    const [{ trainer: captured }, { trainer: eager }] = [create(name), create(name, 'eager')];
    await iterate(captured, 0, 6);
    await iterate(eager, 0, 6);
    const [one, other] = [await stateValues(captured), await stateValues(eager)];
    for (const [tensorName, values] of Object.entries(other))
      expectClose(one[tensorName] ?? [], values, tensorName, 1e-5);
    captured.dispose();
    eager.dispose();
  });

  nativeTest('stages leave no tensor behind', async () => {
    await activateBackend('tensorflow');
    const { trainer } = create('progressive');
    await iterate(trainer, 0, 6);
    const before = memoryInfo();
    await iterate(trainer, 0, 6);
    const after = memoryInfo();
    expect([after.tensors, after.nativeTensors]).toEqual([before.tensors, before.nativeTensors]);
    trainer.dispose();
  });
});
