import { describe } from 'vitest';

import { parseRecipe, sharesFakeScore, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { criticLoss, type NoisySample } from '../../../engine/distillation/critics.ts';
import { distillStep } from '../../../engine/distillation/distillStep.ts';
import { predictX1 } from '../../../engine/flow/preconditioning.ts';
import { prefixed, under } from '../../../engine/model/parameters.ts';
import type { NamedTensors } from '../../../engine/tensor/residentState.ts';
import { lossGradientsAndMetrics } from '../../../engine/training/gradients.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../support/goldenModel.ts';

interface Header extends ModelHeader {
  readonly recipes: Readonly<Record<string, RecipeInput>>;
}

const cases = families.flatMap((family) => ['dmd2', 'd-dmd', 'ca-gan'].map((name) => ({ family, name })));

function open(family: (typeof families)[number], name: string) {
  const golden = new Golden<Header>(`dmd2-${family}`);
  const recipe = parseRecipe(golden.header.recipes[name]);
  const role = (of: string) => golden.named(`weights.${of}`);
  const roles = {
    ...{ student: role('student'), teacher: role('teacher'), fake: role('fake') },
    heads: role('heads'),
  };
  return { golden, recipe, roles, denoiser: denoiserOf(golden), condition: golden.condition() };
}

describe('a whole update with a GAN', () => {
  onEachBackend((run) => {
    run.each(cases)("$family, $name: the student's gradients are torch's", async ({ family, name }) => {
      const { golden, recipe, roles, denoiser, condition } = open(family, name);
      const draw = (of: 'DM' | 'CA' | 'Gan') => ({
        [`tau${of}`]: golden.vector(`in.tau${of}`),
        [`noise${of}`]: golden.tensor(`in.noise${of}`),
      });
      const { gradients, metrics } = distillStep(denoiser, recipe, golden.header.target, roles, {
        ...{ z: golden.tensor('in.z'), t: golden.vector('in.t'), condition },
        ...(recipe.distributionMatching.weight > 0 && draw('DM')),
        ...(recipe.renoising.schedule !== 'coupled-shared' && draw('CA')),
        ...draw('Gan'),
      });
      await golden.expectNamed(gradients, `${name}.student.gradient`);
      await golden.expectNamed(metrics, `${name}.student.metric`);
    });

    run.each(cases)("$family, $name: the critics' joint loss is torch's", async ({ family, name }) => {
      const { golden, recipe, roles, denoiser, condition } = open(family, name);
      const [z, t] = [golden.tensor('in.z'), golden.vector('in.t')];
      const generated = predictX1(denoiser, roles.student, z, t, condition);
      const at = (of: string, x = generated): NoisySample => ({
        ...{ x, condition, noise: golden.tensor(`in.noise${of}`), tau: golden.vector(`in.tau${of}`) },
      });
      const draws = {
        fake: at(''),
        gan: {
          ...{ real: at('Real', golden.tensor('in.real')), generated: at('Generated') },
          direction: golden.tensor('in.direction'),
        },
      };
      const shares = sharesFakeScore(recipe);
      const trained: NamedTensors = {
        ...(shares && prefixed('fake', roles.fake)),
        ...prefixed('discriminator', roles.heads),
      };
      const { gradients, metrics } = lossGradientsAndMetrics(trained, (parameters) => {
        const critics = criticLoss(denoiser, recipe, roles.teacher, parameters, draws);
        return { loss: critics.loss, metrics: { ...critics.metrics, loss: critics.loss } };
      });
      await golden.expectTensor(metrics['loss'], `${name}.critics.loss`);
      for (const metric of golden.names(`${name}.critics.metric`))
        await golden.expectTensor(metrics[metric], `${name}.critics.metric.${metric}`);
      for (const part of ['discriminator', ...(shares ? ['fake'] : [])])
        await golden.expectNamed(under(gradients, part), `${name}.critics.gradient.${part}`);
    });
  });
});
