import { describe, expect } from 'vitest';

import { parseRecipe, type Recipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import {
  distillStep,
  type Roles,
  type StudentDraws,
  type StudentUpdate,
} from '../../../engine/distillation/distillStep.ts';
import { proxyGradient } from '../../../engine/distillation/proxyLoss.ts';
import { guided } from '../../../engine/flow/guidance.ts';
import { interpolate } from '../../../engine/flow/path.ts';
import { predictX1 } from '../../../engine/flow/preconditioning.ts';
import { emptyCondition } from '../../../engine/model/network.ts';
import type { NamedTensors } from '../../../engine/tensor/residentState.ts';
import { sum, type Scalar } from '../../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

interface Header extends ModelHeader {
  readonly recipes: Readonly<Record<string, RecipeInput>>;
}

const recipeNames = ['shared', 'full', 'constrained', 'hybrid', 'ca-only', 'dm-only', 'ca-mean-variance'];
const cases = families.flatMap((family) => recipeNames.map((name) => ({ family, name })));

const rolesOf = (golden: Golden<Header>): Roles => ({
  student: golden.named('weights.student'),
  teacher: golden.named('weights.teacher'),
  fake: golden.named('weights.fake'),
});

/** The golden's draws, as the trainer would feed them to this recipe. */
function drawsFor(golden: Golden<Header>, recipe: Recipe): StudentDraws {
  const shares = recipe.renoising.schedule === 'coupled-shared';
  const needsCA = recipe.cfgAugmentation.weight > 0 && !shares;
  const needsDM = recipe.distributionMatching.weight > 0;
  return {
    z: golden.tensor('in.z'),
    t: golden.vector('in.t'),
    condition: golden.condition(),
    ...(needsDM && { tauDM: golden.vector('in.tauDM'), noiseDM: golden.tensor('in.noiseDM') }),
    ...(needsCA && { tauCA: golden.vector('in.tauCA'), noiseCA: golden.tensor('in.noiseCA') }),
  };
}

/** One update, and how many samples each role's network was asked for. */
function update(
  golden: Golden<Header>,
  changes: RecipeInput,
): StudentUpdate & { roles: Roles; passes: Record<'student' | 'teacher' | 'fake', number> } {
  const denoiser = denoiserOf(golden);
  const recipe = parseRecipe(changes);
  const roles = rolesOf(golden);
  const passes = { student: 0, teacher: 0, fake: 0 };
  const isRole = (role: 'teacher' | 'fake', weights: NamedTensors) =>
    Object.entries(weights).every(([name, weight]) => weight === roles[role][name]);
  const { network } = denoiser;
  const counting = {
    ...network,
    apply: (...[weights, x, t, condition]: Parameters<typeof network.apply>) => {
      // The student's weights are other tensors while a gradient is taken.
      const role = isRole('teacher', weights) ? 'teacher' : isRole('fake', weights) ? 'fake' : 'student';
      passes[role] += t.shape[0] / 4;
      return network.apply(weights, x, t, condition);
    },
  };
  const result = distillStep(
    { ...denoiser, network: counting },
    recipe,
    golden.header.target,
    roles,
    drawsFor(golden, recipe),
  );
  return { ...result, roles, passes };
}

describe('distillStep', () => {
  onEachBackend((run) => {
    run.each(cases)('$family, $name: gradients and metrics are those of torch', async ({ family, name }) => {
      const golden = new Golden<Header>(`distillation-${family}`);
      const { gradients, metrics } = update(golden, golden.header.recipes[name] ?? {});
      await golden.expectNamed(gradients, `${name}.gradient`);
      await golden.expectNamed(metrics, `${name}.metric`);
    });

    run('with one shared τ and no normaliser, DM + CA is guided DMD (Eq 6)', async () => {
      const golden = new Golden<Header>('distillation-mlp');
      const denoiser = denoiserOf(golden);
      const { gradients, roles } = update(golden, {
        guidance: { scale: 4 },
        renoising: { schedule: 'coupled-shared', normalizer: 'none' },
      });
      const condition = golden.condition();
      const [z, t, tau] = [golden.tensor('in.z'), golden.vector('in.t'), golden.vector('in.tauDM')];
      const generate = (student: NamedTensors) => predictX1(denoiser, student, z, t, condition);
      const x = generate(roles.student);
      const xTau = interpolate(x, golden.tensor('in.noiseDM'), tau);
      const real = predictX1(denoiser, roles.teacher, xTau, tau, condition);
      const empty = emptyCondition(denoiser.network.conditioning, 4);
      const unconditional = predictX1(denoiser, roles.teacher, xTau, tau, empty);
      const fake = predictX1(denoiser, roles.fake, xTau, tau, condition);
      const cotangent = proxyGradient(guided(real, unconditional, 4).sub(fake)); // Eq 3
      const { gradients: expected } = lossAndGradients(roles.student, (student) =>
        sum<Scalar>(generate(student).mul(cotangent)),
      );
      for (const [name, gradient] of Object.entries(expected)) {
        expectClose((await gradients[name]?.data()) ?? [], await gradient.data(), name);
      }
    });

    run('α = 1 leaves DM alone', async () => {
      const golden = new Golden<Header>('distillation-mlp');
      const without = update(golden, { cfgAugmentation: { weight: 0 } });
      const { gradients } = update(golden, { guidance: { scale: 1 } });
      for (const [name, gradient] of Object.entries(without.gradients)) {
        expectClose((await gradients[name]?.data()) ?? [], await gradient.data(), name);
      }
    });

    run('a weight of 0 costs no passes, and a shared τ saves one', () => {
      const golden = new Golden<Header>('distillation-mlp');
      const passesOf = (recipe: RecipeInput) => update(golden, recipe).passes;
      const noDM = { distributionMatching: { weight: 0 } };
      const noCA = { cfgAugmentation: { weight: 0 } };
      // The student is run once for Δ and once to be differentiated.
      expect(passesOf({})).toEqual({ student: 2, teacher: 3, fake: 1 });
      expect(passesOf({ renoising: { schedule: 'coupled-shared' } })).toEqual({
        student: 2,
        teacher: 2,
        fake: 1,
      });
      expect(passesOf(noDM)).toEqual({ student: 2, teacher: 2, fake: 0 });
      expect(passesOf(noCA)).toEqual({ student: 2, teacher: 1, fake: 1 });
      expect(passesOf({ ...noDM, ...noCA, meanVariance: { weight: 1 } })).toEqual({
        student: 2,
        teacher: 0,
        fake: 0,
      });
    });
  });
});
