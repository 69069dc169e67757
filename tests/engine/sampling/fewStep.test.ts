import { describe, expect, test } from 'vitest';

import { fewStep, studentTimesteps } from '../../../engine/sampling/fewStep.ts';
import { fill, stack, zerosLike, type Rank, type Tensor } from '../../../engine/tensor/tf.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

describe('the few-step sampler', () => {
  test('starts at noise and ends before the data', () => {
    expect(studentTimesteps(1, 3)).toEqual([0]);
    expect(studentTimesteps(4, 1)).toEqual([0, 0.25, 0.5, 0.75]);
  });

  onEachBackend((run) => {
    run.each(families)('%s: the input of each of four steps, and the sample', async (family) => {
      const golden = new Golden<ModelHeader>(`flow-${family}`);
      const denoiser = denoiserOf(golden);
      const weights = golden.named('weights');
      const condition = golden.condition();
      const noises = golden.rows('fewStep.noises');
      const times = studentTimesteps(4, 2);
      const at = (t: number) => fill<Rank.R1>([4], t);
      const inputs: Tensor[] = [];
      let z = golden.tensor('in.noise');
      for (const [k, t] of times.entries()) {
        inputs.push(z);
        z = fewStep(denoiser, weights, z, at(t), at(times[k + 1] ?? 1), noises[k] ?? zerosLike(z), condition);
      }
      await golden.expectTensor(stack(inputs), 'fewStep.inputs');
      await golden.expectTensor(z, 'fewStep.sample');
    });
  });
});
