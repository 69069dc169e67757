import { describe, expect } from 'vitest';

import { consistencyDistances } from '../../../engine/contract/baselineFields.ts';
import {
  consistencyDistance,
  consistencyLevels,
  consistencyTarget,
} from '../../../engine/distillation/consistency.ts';
import { progressiveTarget } from '../../../engine/distillation/progressive.ts';
import { interpolate } from '../../../engine/flow/path.ts';
import { predictX1 } from '../../../engine/flow/preconditioning.ts';
import { predictionLoss } from '../../../engine/flow/predictionLoss.ts';
import { eulerStep } from '../../../engine/sampling/euler.ts';
import { fill, tensor, type Rank } from '../../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

/** The recipes' α in the golden. */
const SCALE = 3;

function open(family: (typeof families)[number]) {
  const golden = new Golden<ModelHeader>(`trajectories-${family}`);
  const [from, by, to] = [golden.vector('in.t'), golden.vector('in.by'), golden.vector('in.to')];
  return {
    golden,
    denoiser: denoiserOf(golden),
    condition: golden.condition(),
    student: golden.named('weights.student'),
    teacher: golden.named('weights.teacher'),
    average: golden.named('weights.average'),
    times: { from, by, to },
    xt: interpolate(golden.tensor('in.x1'), golden.tensor('in.noise'), from),
  };
}

const variants = families.flatMap((family) =>
  (['euler', 'heun'] as const).flatMap((solver) =>
    consistencyDistances.map((distance) => ({ family, solver, distance })),
  ),
);

describe('consistency distillation', () => {
  onEachBackend((run) => {
    run.each(variants)('$family, $solver, $distance: value and gradients', async (variant) => {
      const { family, solver, distance } = variant;
      const { golden, denoiser, condition, student, times, xt, ...roles } = open(family);
      const { from, by } = times;
      const target = consistencyTarget(denoiser, roles, solver, xt, from, by, condition, SCALE);
      const { loss, gradients } = lossAndGradients(student, (parameters) =>
        consistencyDistance(predictX1(denoiser, parameters, xt, from, condition), target, distance),
      );
      await golden.expectTensor(loss, `consistency.${solver}.${distance}.loss`);
      await golden.expectNamed(gradients, `consistency.${solver}.${distance}.gradient`);
    });

    run('at the clean end the prediction is its input: f(x, 1) = x', async () => {
      const { denoiser, condition, student, xt } = open('mlp');
      const predicted = predictX1(denoiser, student, xt, fill<Rank.R1>([4], 1), condition);
      expectClose(await predicted.data(), await xt.data());
    });

    run('distances by hand', async () => {
      const [a, b] = [tensor([[3, 4]]), tensor([[0, 0]])];
      const kappa = 0.00054 * Math.SQRT2;
      expectClose(await consistencyDistance(a, b, 'squared').data(), [12.5]);
      expectClose(await consistencyDistance(a, b, 'pseudo-huber').data(), [
        Math.sqrt(25 + kappa ** 2) - kappa,
      ]);
    });

    run('levels begin in pure noise and stop short of the data', () => {
      expectClose(consistencyLevels(4, 1), [0, 0.24875, 0.4975, 0.74625, 0.995]);
      expect(consistencyLevels(4, 3).every((level, k, all) => k === 0 || level > (all[k - 1] ?? 0))).toBe(
        true,
      );
    });
  });
});

describe('progressive distillation', () => {
  onEachBackend((run) => {
    const cases = families.flatMap((family) =>
      [SCALE, undefined].map((scale) => ({ family, scale, name: scale ? 'guided' : 'plain' })),
    );

    run.each(cases)('$family, $name: target, value and gradients', async ({ family, scale, name }) => {
      const { golden, denoiser, condition, student, teacher, times, xt } = open(family);
      const target = progressiveTarget(denoiser, teacher, xt, times, condition, scale);
      await golden.expectTensor(target, `progressive.${name}.target`);
      const { loss, gradients } = lossAndGradients(student, (parameters) =>
        predictionLoss(denoiser, parameters, xt, times.from, target, condition),
      );
      await golden.expectTensor(loss, `progressive.${name}.loss`);
      await golden.expectNamed(gradients, `progressive.${name}.gradient`);
    });

    run('a student that predicts the target goes in one step where the teacher goes in two', async () => {
      const { denoiser, condition, teacher, times, xt } = open('mlp');
      const { from, by, to } = times;
      const middle = eulerStep(denoiser, teacher, xt, from, by, condition, undefined);
      const end = eulerStep(denoiser, teacher, middle, by, to, condition, undefined);
      const target = progressiveTarget(denoiser, teacher, xt, times, condition, undefined);
      const share = to.sub(from).div(from.neg().add(1)).reshape([4, 1]);
      expectClose(await xt.add(target.sub(xt).mul(share)).data(), await end.data());
    });
  });
});
