import { describe, expect } from 'vitest';

import {
  approximateR1,
  discriminatorLogits,
  discriminatorLoss,
  discriminatorMetrics,
  generatorLoss,
} from '../../../../engine/distillation/regularizers/gan.ts';
import { interpolate } from '../../../../engine/flow/path.ts';
import { discriminatorSpecs } from '../../../../engine/model/discriminator.ts';
import { initialValues, prefixed, toTensors, under } from '../../../../engine/model/parameters.ts';
import { grad, tensor2d, type Scalar } from '../../../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../../../engine/training/gradients.ts';
import { onEachBackend } from '../../../support/backends.ts';
import { Golden } from '../../../support/golden.ts';
import { denoiserOf, families, type ModelHeader } from '../../../support/goldenModel.ts';

interface Header extends ModelHeader {
  readonly penalty: number;
}

function open(family: (typeof families)[number]) {
  const golden = new Golden<Header>(`gan-${family}`);
  const discriminator = { backbone: golden.named('weights.backbone'), heads: golden.named('weights.heads') };
  return { golden, denoiser: denoiserOf(golden), discriminator, condition: golden.condition() };
}

const number = async (value: Scalar | undefined) => (await value?.data())?.[0];

describe('the GAN regulariser', () => {
  onEachBackend((run) => {
    run.each(families)("%s: the student's loss and its gradient are torch's", async (family) => {
      const { golden, denoiser, discriminator, condition } = open(family);
      const tau = golden.vector('in.tauGenerated');
      const loss = (x: ReturnType<typeof golden.tensor>) =>
        generatorLoss(
          discriminatorLogits(
            denoiser,
            discriminator,
            interpolate(x, golden.tensor('in.noiseGenerated'), tau),
            tau,
            condition,
          ),
        );
      const x = golden.tensor('in.generated');
      await golden.expectTensor(loss(x), 'generator.loss');
      await golden.expectTensor(grad(loss)(x), 'generator.gradient');
    });

    run.each(families)("%s: the discriminator's loss and all gradients are torch's", async (family) => {
      const { golden, denoiser, discriminator, condition } = open(family);
      const direction = golden.tensor('in.direction').mul(0.05);
      const renoised = (name: string) =>
        interpolate(
          golden.tensor(`in.${name.toLowerCase()}`),
          golden.tensor(`in.noise${name}`),
          golden.vector(`in.tau${name}`),
        );
      const [real, generated] = [renoised('Real'), renoised('Generated')];
      let r1: number | undefined;
      const isOutput = (name: string) => /^(output|final_layer)\./.test(name); // no feature depends on it
      const backbone = Object.fromEntries(
        Object.entries(discriminator.backbone).filter(([name]) => !isOutput(name)),
      );
      const { loss, gradients } = lossAndGradients(
        { ...prefixed('backbone', backbone), ...prefixed('heads', discriminator.heads) },
        (parameters) => {
          const of = { backbone: under(parameters, 'backbone'), heads: under(parameters, 'heads') };
          const logits = (x: typeof real, name: string) =>
            discriminatorLogits(denoiser, of, x, golden.vector(`in.tau${name}`), condition);
          const onReal = logits(real, 'Real');
          const penalty = approximateR1(onReal, logits(real.add(direction), 'Real'));
          r1 = penalty.dataSync()[0];
          return discriminatorLoss(onReal, logits(generated, 'Generated')).add(
            penalty.mul(golden.header.penalty / 2),
          );
        },
      );
      await golden.expectTensor(loss, 'discriminator.loss');
      expect(r1).toBeCloseTo(golden.values('discriminator.r1')[0] ?? NaN, 2);
      await golden.expectNamed(under(gradients, 'heads'), 'discriminator.gradient.heads');
      for (const name of golden.names('discriminator.gradient.backbone').filter((each) => !isOutput(each))) {
        await golden.expectTensor(gradients[`backbone.${name}`], `discriminator.gradient.backbone.${name}`);
      }
    });

    run('fresh heads say 0 to everything, so the student feels nothing yet', async () => {
      const { golden, denoiser, discriminator, condition } = open('mlp');
      const specs = discriminatorSpecs(denoiser.network);
      const heads = toTensors(specs, initialValues(specs, 1));
      const [tau, x] = [golden.vector('in.tauReal'), golden.tensor('in.real')];
      const of = { backbone: discriminator.backbone, heads };
      const logits = discriminatorLogits(denoiser, of, x, tau, condition);
      expect([...(await logits.data())]).toEqual(new Array(12).fill(0));
      expect(await number(generatorLoss(logits))).toBeCloseTo(Math.log(2), 6);
    });

    run('the accuracy counts each side of 0', async () => {
      const metrics = discriminatorMetrics(tensor2d([[1, -1]]), tensor2d([[-2, -3]]));
      expect(await number(metrics['gan_accuracy'])).toBeCloseTo(0.75, 6);
      expect(await number(metrics['gan_generated_logit'])).toBeCloseTo(-2.5, 6);
    });
  });
});
