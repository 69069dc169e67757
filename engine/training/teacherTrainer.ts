/** Flow-matching training of a teacher: one captured step holds forward, backward, AdamW and averaging. */
import type { TeacherRecipe } from '../contract/teacherRecipe.ts';
import { flowMatchingLoss } from '../flow/flowMatchingLoss.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { drawTimesteps, type TimestepDistribution } from '../flow/timesteps.ts';
import { initialValues, prefixed, toTensors } from '../model/parameters.ts';
import { normalNoise } from '../tensor/noise.ts';
import { randomUniform } from '../tensor/random.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../tensor/residentState.ts';
import { packScalars, readScalars } from '../tensor/scalars.ts';
import { Step, type StepMode } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import { conditionFeeds, conditionOf, dropConditions, type HostCondition } from '../model/conditions.ts';
import { lossAndGradients } from './gradients.ts';
import { adamFeed, adamW, zeroMoments } from './optimizers.ts';
import { readUnder } from './roles.ts';
import { productType, stepSettings } from './stepSettings.ts';

/** What a training step sees, on the host. */
export interface HostBatch {
  /** (B, ...sampleShape), images in [−1, 1]. */
  readonly x1: Float32Array;
  readonly condition: HostCondition;
}

export interface TeacherMetrics {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Linear warm-up to the peak, then half a cosine to zero; `step` counts from 0. */
function learningRateAt(recipe: TeacherRecipe, step: number): number {
  const { learningRate, warmup } = recipe.optimizer;
  const progress = Math.min(1, step / recipe.training.iterations);
  return learningRate * Math.min(1, (step + 1) / (warmup + 1)) * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** The averaging decay, smaller at the start so that the average forgets the random weights. */
const emaDecayAt = (decay: number, step: number): number => Math.min(decay, (1 + step) / (10 + step));

export class TeacherTrainer {
  readonly denoiser: Denoiser;
  readonly recipe: TeacherRecipe;
  /** Weights under their own names, averages under `ema.`, moments under `first.` and `second.`. */
  readonly state: ResidentState;
  private readonly step: Step;

  constructor(denoiser: Denoiser, recipe: TeacherRecipe, mode: StepMode = 'auto') {
    this.denoiser = denoiser;
    this.recipe = recipe;
    const { specs } = denoiser.network;
    const weights = toTensors(specs, initialValues(specs, recipe.seed));
    const moments = zeroMoments(weights);
    this.state = createResidentState({ ...weights, ...prefixed('ema', weights), ...moments });
    tf.dispose([weights, moments]);
    const names = Object.keys(specs);
    this.step = new Step(
      {
        name: 'teacher',
        state: this.state,
        settings: stepSettings(denoiser, recipe),
        products: productType(recipe),
        run: (state, feeds) => this.update(names, state, feeds),
      },
      mode,
    );
  }

  /** One update; `step` counts from 0 and fixes every draw. */
  async train(step: number, batch: HostBatch): Promise<TeacherMetrics> {
    const { network } = this.denoiser;
    const { seed, conditionDropout: both, classDropout: classAlone, training, optimizer } = this.recipe;
    const size = batch.x1.length / network.sampleShape.reduce((a, b) => a * b, 1);
    const shape = [size, ...network.sampleShape];
    const learningRate = learningRateAt(this.recipe, step);
    const draws = randomUniform({ seed, purpose: 'dropout', step }, size);
    const condition = dropConditions(network.conditioning, batch.condition, draws, { both, classAlone });
    const feeds: NamedTensors = {
      x1: tf.tensor(batch.x1, shape),
      noise: normalNoise({ seed, purpose: 'noise', step }, shape),
      t: tf.tensor1d(
        drawTimesteps(timestepDistribution(this.recipe), { seed, purpose: 'timestep', step }, size),
      ),
      ...conditionFeeds(network.conditioning, condition),
      adam: adamFeed(optimizer, learningRate, step + 1, emaDecayAt(training.emaDecay, step)),
    };
    const outputs = this.step.run(feeds);
    const [metrics] = await readScalars([outputs]);
    tf.dispose([feeds, outputs]);
    const { loss = NaN, gradientNorm = NaN } = metrics ?? {};
    return { loss, gradientNorm, learningRate };
  }

  /** The averaged weights; the caller disposes them. */
  averagedWeights(): NamedTensors {
    return readUnder(this.state, 'ema');
  }

  dispose(): void {
    this.step.dispose();
    this.state.dispose();
  }

  private update(names: readonly string[], state: NamedTensors, feeds: NamedTensors) {
    const weights = Object.fromEntries(names.map((name) => [name, named(state, name)]));
    const { loss, gradients } = lossAndGradients(weights, (parameters) =>
      flowMatchingLoss(
        this.denoiser,
        parameters,
        named(feeds, 'x1'),
        named(feeds, 'noise'),
        named(feeds, 't') as tf.Tensor1D,
        conditionOf(feeds),
      ),
    );
    const { next, gradientNorm } = adamW(this.recipe.optimizer, state, gradients, named(feeds, 'adam'));
    return { outputs: packScalars({ loss, gradientNorm }), next };
  }
}

function timestepDistribution({ timesteps }: TeacherRecipe): TimestepDistribution {
  return timesteps.distribution === 'uniform'
    ? { kind: 'uniform', shift: timesteps.shift }
    : { kind: 'logit-normal', mean: timesteps.mean, deviation: timesteps.deviation };
}
