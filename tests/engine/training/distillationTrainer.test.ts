import { describe, expect } from 'vitest';

import { parseRecipe, type RenoisingSchedule } from '../../../engine/contract/recipe.ts';
import { prefixed, under } from '../../../engine/model/parameters.ts';
import { tensor } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import {
  createToyTrainer,
  iterate,
  roleWeights,
  stateValues,
  type TrainerHeader,
} from '../../support/toyDistillation.ts';

const recipeOf = (schedule: RenoisingSchedule) =>
  parseRecipe({
    student: { steps: 3 },
    renoising: { schedule },
    meanVariance: { weight: 0.1 },
    optimizer: { weightDecay: 0.01, beta1: 0.5 },
    training: { batch: 4 },
  });

describe('the distillation trainer', () => {
  onEachBackend((run) => {
    run.each([
      { name: 'hybrid', file: 'trainer' },
      { name: 'shared', file: 'trainer' },
      { name: 'constrained', file: 'trainer' },
      { name: 'warmup', file: 'trainer-warmup' },
    ])('$name: five iterations end where torch with its own AdamW ends', async ({ name, file }) => {
      const golden = new Golden<TrainerHeader>(file);
      const trainer = createToyTrainer(parseRecipe(golden.header.recipes[name]), 'mlp', 'auto', golden);
      const metrics: Record<string, number>[] = [];
      for (let i = 0; i < golden.header.iterations; i++) metrics.push(await trainer.iterate(i));
      await golden.expectNamed(roleWeights(trainer, 'teacher'), 'teacher');
      await golden.expectNamed(roleWeights(trainer, 'student'), `${name}.student`);
      await golden.expectNamed(roleWeights(trainer, 'studentAdam.ema'), `${name}.average`);
      await golden.expectNamed(roleWeights(trainer, 'fake'), `${name}.fake`);
      for (const metric of golden.names(`${name}.metric`)) {
        const values = metrics.map((one) => one[metric] ?? NaN);
        expectClose(values, golden.values(`${name}.metric.${metric}`), metric, 1e-3);
      }
      trainer.dispose();
    });

    run.each(['dmd2', 'd-dmd', 'ca-gan'])(
      '%s: five iterations with a discriminator end where torch ends',
      async (name) => {
        const golden = new Golden<TrainerHeader>('trainer-gan');
        const trainer = createToyTrainer(parseRecipe(golden.header.recipes[name]), 'mlp', 'auto', golden);
        trainer.state.write(prefixed('discriminator', golden.named('heads')));
        const metrics: Record<string, number>[] = [];
        for (let i = 0; i < golden.header.iterations; i++) metrics.push(await trainer.iterate(i));
        await golden.expectNamed(roleWeights(trainer, 'student'), `${name}.student`);
        await golden.expectNamed(roleWeights(trainer, 'fake'), `${name}.fake`);
        const heads = golden.names('heads').map((head) => `discriminator.${head}`);
        await golden.expectNamed(under(trainer.state.read(heads), 'discriminator'), `${name}.discriminator`);
        for (const metric of golden.names(`${name}.metric`)) {
          const values = metrics.map((one) => one[metric] ?? NaN);
          expectClose(values, golden.values(`${name}.metric.${metric}`), metric, 1e-3);
        }
        trainer.dispose();
      },
    );

    run(
      'a fake score that only observes follows the student and leaves it as it would be, bit for bit',
      async () => {
        const alone = { student: { steps: 2 }, distributionMatching: { weight: 0 }, training: { batch: 4 } };
        const trainers = [alone, { ...alone, fakeScore: { trained: 'always' as const } }].map((recipe) =>
          createToyTrainer(parseRecipe(recipe)),
        );
        for (const trainer of trainers) await iterate(trainer, 0, 4);
        const [without, beside] = await Promise.all(trainers.map(stateValues));
        const of = (values: Record<string, Float32Array> = {}, role: RegExp) =>
          Object.entries(values).filter(([name]) => role.test(name));
        expect(of(beside, /^student/)).toEqual(of(without, /^student/));
        expect(of(beside, /^fake\./)).not.toEqual(of(without, /^fake\./));
        for (const trainer of trainers) trainer.dispose();
      },
    );

    run.each([
      { what: 'd-DMD', changes: {} },
      { what: 'DMD2', changes: { gan: { weight: 0.5 } } },
      { what: 'CA with a GAN', changes: { gan: { weight: 0.5 }, distributionMatching: { weight: 0 } } },
    ])('a resumed run of $what equals an uninterrupted one bit for bit', async ({ changes }) => {
      const recipe = parseRecipe({ ...recipeOf('decoupled-hybrid'), ...changes });
      const whole = createToyTrainer(recipe);
      await iterate(whole, 0, 6);
      const first = createToyTrainer(recipe);
      await iterate(first, 0, 3);
      const saved = await stateValues(first);
      const shapes = Object.entries(first.state.read()).map(([name, { shape }]) => [name, shape] as const);
      first.dispose();
      const resumed = createToyTrainer(recipe);
      resumed.state.write(
        Object.fromEntries(shapes.map(([name, shape]) => [name, tensor(saved[name] ?? [], shape)])),
      );
      await iterate(resumed, 3, 6);
      expect(await stateValues(resumed)).toEqual(await stateValues(whole));
      whole.dispose();
      resumed.dispose();
    });
  });
});
