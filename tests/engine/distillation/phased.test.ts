import { describe, expect } from 'vitest';

import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { distillStep } from '../../../engine/distillation/distillStep.ts';
import { phasedScoreLoss, phasedTarget, renoiseFrom } from '../../../engine/distillation/phased.ts';
import { interpolate } from '../../../engine/flow/path.ts';
import { tensor1d, tensor2d } from '../../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

describe('Phased DMD', () => {
  onEachBackend((run) => {
    run.each(families)("%s: re-noising, target and the fake score's loss are torch's", async (family) => {
      const golden = new Golden<ModelHeader>(`phased-${family}`);
      const [xe, noise] = [golden.tensor('in.z'), golden.tensor('in.noiseDM')];
      const tau = golden.vector('in.tauDM');
      for (const [name, end] of [
        ['inner', golden.vector('in.end')],
        ['last', tensor1d([1, 1, 1, 1])],
      ] as const) {
        await golden.expectTensor(renoiseFrom(end, xe, noise, tau), `${name}.renoised`);
        await golden.expectTensor(phasedTarget(end, xe, noise, tau), `${name}.target`);
        const { loss, gradients } = lossAndGradients(golden.named('weights.fake'), (fake) =>
          phasedScoreLoss(denoiserOf(golden), fake, { end, xe, noise, tau }, golden.condition()),
        );
        await golden.expectTensor(loss, `${name}.loss`);
        await golden.expectNamed(gradients, `${name}.gradient`);
      }
    });

    run.each(families)("%s: the student's gradients at the end of a phase are torch's", async (family) => {
      const golden = new Golden<ModelHeader>(`phased-${family}`);
      const recipe = parseRecipe({ method: 'phased', student: { steps: 2 }, guidance: { scale: 3 } });
      const roles = {
        student: golden.named('weights.student'),
        teacher: golden.named('weights.teacher'),
        fake: golden.named('weights.fake'),
      };
      const { gradients, metrics } = distillStep(denoiserOf(golden), recipe, golden.header.target, roles, {
        ...{ z: golden.tensor('in.z'), t: golden.vector('in.t'), end: golden.vector('in.end') },
        ...{ tauDM: golden.vector('in.tauDM'), noiseDM: golden.tensor('in.noiseDM') },
        ...{ tauCA: golden.vector('in.tauCA'), noiseCA: golden.tensor('in.noiseCA') },
        condition: golden.condition(),
      });
      await golden.expectTensor(metrics['loss'], 'student.loss');
      await golden.expectNamed(gradients, 'student.gradient');
    });

    run(
      'the target regresses to E[x1 | x_τ]: Cov(y, x_τ) = τ·Var(x1), and x_τ has the path’s variance',
      async () => {
        // Coefficients of (x_e, ε) are what unit inputs give; x_e = e·x1 + (1 − e)·n with Var(x1) = v.
        const [end, tau, v] = [0.6, 0.35, 1.7];
        const [e, t] = [tensor1d([end, end]), tensor1d([tau, tau])];
        const [xe, noise] = [tensor2d([[1], [0]]), tensor2d([[0], [1]])];
        const [alpha = NaN, sigma = NaN] = await renoiseFrom(e, xe, noise, t).data();
        const [ofXe = NaN, ofNoise = NaN] = await phasedTarget(e, xe, noise, t).data();
        const variance = end ** 2 * v + (1 - end) ** 2;
        expect(ofXe * alpha * variance + ofNoise * sigma).toBeCloseTo(tau * v, 5);
        expect(alpha ** 2 * variance + sigma ** 2).toBeCloseTo(tau ** 2 * v + (1 - tau) ** 2, 5);
        // The plain target x_e/e would not.
        expect(Math.abs((1 / end) * alpha * variance - tau * v)).toBeGreaterThan(0.1);
      },
    );

    run('at e = 1 it is the flow’s own path and target, and at τ = e nothing is infinite', async () => {
      const [x, noise, tau] = [tensor2d([[0.3], [-2]]), tensor2d([[1], [0.5]]), tensor1d([0.2, 0.9])];
      const one = tensor1d([1, 1]);
      const wanted = await interpolate(x, noise, tau).data();
      expectClose(await renoiseFrom(one, x, noise, tau).data(), wanted, 'path', 1e-6);
      expectClose(await phasedTarget(one, x, noise, tau).data(), await x.data(), 'target', 1e-6);
      const golden = new Golden<ModelHeader>('phased-mlp');
      const end = golden.vector('in.end');
      const draws = { end, xe: golden.tensor('in.z'), noise: golden.tensor('in.noiseDM'), tau: end };
      const loss = phasedScoreLoss(
        denoiserOf(golden),
        golden.named('weights.fake'),
        draws,
        golden.condition(),
      );
      expect((await loss.data())[0]).toBeLessThan(100);
    });
  });
});
