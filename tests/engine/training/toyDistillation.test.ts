/** The whole method on the bundled toy teacher: a student must come nearer to its guided samples within seconds. */
import { describe, expect } from 'vitest';

import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { classSlicedWasserstein } from '../../../engine/metrics/slicedWasserstein.ts';
import type { Sampler, Samples } from '../../../engine/sampling/sampler.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { openDistillation } from '../../../engine/training/distillationJob.ts';
import { onEachBackend } from '../../support/backends.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

const guidance = { scale: 2.5 };
const count = 512;
const classes = Int32Array.from({ length: count }, (_, i) => i % 8);

interface Distances {
  readonly before: number;
  readonly after: number;
}

/** Class-conditional sliced W₁ of the student to the guided teacher, untrained and after the recipe's iterations. */
async function distil(input: RecipeInput): Promise<Distances> {
  const recipe = parseRecipe({ teacher: 'toy', data: 'toy', guidance, ...input });
  const job = await openDistillation(recipe);
  const request = (seed: number) => ({ seed, count, condition: { classes } });
  const labelled = ({ values }: Samples) => ({ points: { values, count, width: 2 }, classes });
  // Untrained, the student's weights are the teacher's.
  const guided = labelled(await job.sampler().teacher(request(1), { steps: 20, guidance: guidance.scale }));
  const distance = async (sampler: Sampler) =>
    classSlicedWasserstein(labelled(await sampler.student(request(2), job.times)), guided);
  const before = await distance(job.sampler());
  for (let i = 0; i < recipe.training.iterations; i++) await job.iterate(i);
  const after = await distance(job.sampler());
  job.dispose();
  return { before, after };
}

const student = { steps: 4, shift: 1, emaDecay: 0.9 };
const common = {
  student,
  fakeScore: { learningRate: 5e-4, stepsPerStudentStep: 2 },
  optimizer: { learningRate: 1e-4 },
} satisfies RecipeInput;

describe('the toy distillation', () => {
  onEachBackend((run, backend) => {
    run('comes nearer to the guided teacher', async () => {
      const isFast = backend === 'tensorflow';
      const { before, after } = await distil({
        ...common,
        ...(!isFast && { student: { ...student, steps: 1 }, optimizer: { learningRate: 3e-4 } }),
        renoising: { schedule: 'coupled-shared' },
        training: { iterations: isFast ? 100 : 25, batch: isFast ? 256 : 64 },
      });
      expect(after).toBeLessThan((isFast ? 0.6 : 0.85) * before);
    });
  });

  nativeTest('without a normaliser, shared and full have the same expected gradient', async () => {
    await activateBackend('tensorflow');
    const run = (schedule: 'coupled-shared' | 'decoupled-full') =>
      distil({
        ...common,
        renoising: { schedule, normalizer: 'none' },
        training: { iterations: 100, batch: 256 },
      });
    const [shared, full] = [await run('coupled-shared'), await run('decoupled-full')];
    expect(shared.after).toBeLessThan(0.6 * shared.before);
    expect(Math.abs(full.after / shared.after - 1)).toBeLessThan(0.15);
  });
});
