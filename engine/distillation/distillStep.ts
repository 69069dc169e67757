/** One student update of Decoupled DMD: Algorithm 1 of arXiv 2511.22677, steps 2 to 5, without the optimiser. */
import { sharesFakeScore, usesGan, type Recipe } from '../contract/recipe.ts';
import { interpolate } from '../flow/path.ts';
import { predictTogether, type Pass } from '../flow/passes.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { emptyCondition, type Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { rms, sampleStatistics, velocityAgreement } from './diagnostics.ts';
import { cfgAugmentation } from './directions/cfgAugmentation.ts';
import { distributionMatching } from './directions/distributionMatching.ts';
import { normalize } from './normalizers.ts';
import { renoiseFrom, stepTo } from './phased.ts';
import { proxyGradient, proxyLoss } from './proxyLoss.ts';
import { discriminatorLogits, generatorLoss } from './regularizers/gan.ts';
import { meanVariance, type ImageStatistics } from './regularizers/meanVariance.ts';

/** The three roles of one network, and the discriminator's heads; only the student changes here. */
export interface Roles {
  readonly student: NamedTensors;
  readonly teacher: NamedTensors;
  readonly fake: NamedTensors;
  /** Present where the GAN has a weight. */
  readonly heads?: NamedTensors;
}

/** Everything random of the update, drawn beforehand. */
export interface StudentDraws {
  /** The student's input by backward simulation, (B, …), and its time, (B). */
  readonly z: Tensor;
  readonly t: Tensor1D;
  readonly condition: Condition;
  /** (B); where the step ends in Phased DMD; without it at data. */
  readonly end?: Tensor1D;
  /** (B); present where DM has a weight. */
  readonly tauDM?: Tensor1D;
  readonly noiseDM?: Tensor;
  /** (B); present where CA has a weight; absent in the coupled schedule, which shares DM's. */
  readonly tauCA?: Tensor1D;
  readonly noiseCA?: Tensor;
  /** (B); present where the GAN has a weight. */
  readonly tauGan?: Tensor1D;
  readonly noiseGan?: Tensor;
}

export interface StudentUpdate {
  readonly gradients: NamedTensors;
  readonly metrics: Record<string, Scalar>;
}

/** The gradient of `output · cotangent` for each of the parameters: one backward pass through the generator. */
function pullBack(
  parameters: NamedTensors,
  output: (p: NamedTensors) => Tensor,
  cotangent: Tensor,
): NamedTensors {
  const names = Object.keys(parameters);
  const named = (values: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor]));
  return named(tf.grads((...values) => output(named(values)))(Object.values(parameters), cotangent));
}

export function distillStep(
  denoiser: Denoiser,
  recipe: Recipe,
  target: ImageStatistics,
  roles: Roles,
  draws: StudentDraws,
): StudentUpdate {
  const { condition, end, tauDM, tauCA = tauDM } = draws;
  const weights = {
    ca: recipe.cfgAugmentation.weight,
    dm: recipe.distributionMatching.weight,
    meanVariance: end ? 0 : recipe.meanVariance.weight,
  };
  const { normalizer } = recipe.renoising;
  const predict = (student: NamedTensors) => predictX1(denoiser, student, draws.z, draws.t, condition);
  const endOf = (x1: Tensor) => (end ? stepTo(end, x1, draws.z, draws.t) : x1);
  const renoised = (noise: Tensor, tau: Tensor1D) =>
    end ? renoiseFrom(end, endOf(x), noise, tau) : interpolate(x, noise, tau);

  // Step 2: x_gen = G(z_t, t, c).
  const x = predict(roles.student);

  // Step 3: re-noise x_gen for each term.
  const passDM: Pass | undefined =
    weights.dm > 0 && tauDM && draws.noiseDM
      ? { xt: renoised(draws.noiseDM, tauDM), t: tauDM, condition }
      : undefined;
  const noiseCA = draws.noiseCA ?? draws.noiseDM;
  const passCA: Pass | undefined =
    weights.ca > 0 && tauCA && noiseCA
      ? draws.noiseCA || !passDM
        ? { xt: renoised(noiseCA, tauCA), t: tauCA, condition }
        : passDM
      : undefined;

  // Step 4: the teacher's passes as one batch, and the fake score's.
  const empty = emptyCondition(denoiser.network.conditioning, draws.t.shape[0]);
  const passes = [...new Set([passDM, passCA].filter((pass) => pass !== undefined))];
  const unconditionalPass = passCA && { ...passCA, condition: empty };
  const predictions = predictTogether(denoiser, roles.teacher, [
    ...passes,
    ...(unconditionalPass ? [unconditionalPass] : []),
  ]);
  const predictionOf = (pass: Pass) => predictions[passes.indexOf(pass)] as Tensor;

  // Step 5: Δ = w_DM·Δ_DM + w_CA·Δ_CA, and the regularisers' gradients.
  const metrics: Record<string, Scalar> = { ...sampleStatistics(x) };
  let delta: Tensor = tf.zerosLike(x);
  if (passDM) {
    const real = predictionOf(passDM);
    const fake = predictX1(denoiser, roles.fake, passDM.xt, passDM.t, condition);
    const direction = distributionMatching(real, fake);
    delta = delta.add(normalize(direction, normalizer, x, real, passDM.t).mul(weights.dm));
    Object.assign(metrics, velocityAgreement(real, fake, passDM.xt, passDM.t), { dm_rms: rms(direction) });
  }
  if (passCA) {
    const real = predictionOf(passCA);
    const unconditional = predictions.at(-1) as Tensor;
    const direction = cfgAugmentation(real, unconditional, recipe.guidance.scale);
    delta = delta.add(normalize(direction, normalizer, x, real, passCA.t).mul(weights.ca));
    metrics['ca_rms'] = rms(direction);
  }
  if (metrics['dm_rms'] && metrics['ca_rms']) metrics['dm_to_ca'] = metrics['dm_rms'].div(metrics['ca_rms']);
  metrics['loss'] = proxyLoss(delta);
  let cotangent = proxyGradient(delta);
  if (weights.meanVariance > 0) {
    const regularizer = tf.valueAndGrad((sample) => meanVariance(sample, target).mul(weights.meanVariance));
    const { value, grad } = regularizer(x);
    metrics['mean_variance'] = value as Scalar;
    cotangent = cotangent.add(grad);
  }
  const { heads } = roles;
  const { tauGan, noiseGan } = draws;
  if (usesGan(recipe) && heads && tauGan && noiseGan) {
    const discriminator = { heads, backbone: sharesFakeScore(recipe) ? roles.fake : roles.teacher };
    const adversarial = tf.valueAndGrad((sample) =>
      generatorLoss(
        discriminatorLogits(
          denoiser,
          discriminator,
          interpolate(sample, noiseGan, tauGan),
          tauGan,
          condition,
        ),
      ),
    );
    const { value, grad } = adversarial(x);
    metrics['gan_loss'] = value;
    cotangent = cotangent.add(grad.mul(recipe.gan.weight));
  }
  const output = (student: NamedTensors) => endOf(predict(student));
  return { gradients: pullBack(roles.student, output, cotangent), metrics };
}
