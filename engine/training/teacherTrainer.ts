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
import { conditionFeeds, conditionOf, dropConditions } from '../model/conditions.ts';
import { Ahead } from './ahead.ts';
import { lossAndGradients } from './gradients.ts';
import { adamFeed, adamW, zeroMoments } from './optimizers.ts';
import { readUnder } from './roles.ts';
import type { BatchSource } from './sources.ts';
import { productType, stepSettings } from './stepSettings.ts';

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
  private readonly batches: BatchSource;
  private readonly ahead = new Ahead((step) => this.draw(step));
  private readonly step: Step;

  constructor(denoiser: Denoiser, recipe: TeacherRecipe, batches: BatchSource, mode: StepMode = 'auto') {
    this.denoiser = denoiser;
    this.recipe = recipe;
    this.batches = batches;
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
  async train(step: number): Promise<TeacherMetrics> {
    const feeds = this.ahead.take(step);
    const end = this.step.begin(feeds);
    this.ahead.prepare(step + 1);
    tf.dispose(feeds);
    const [metrics] = await readScalars([end]);
    const { loss = NaN, gradientNorm = NaN } = metrics ?? {};
    return { loss, gradientNorm, learningRate: learningRateAt(this.recipe, step) };
  }

  /** The averaged weights; the caller disposes them. */
  averagedWeights(): NamedTensors {
    return readUnder(this.state, 'ema');
  }

  dispose(): void {
    this.step.dispose();
    this.ahead.dispose();
    this.state.dispose();
  }

  private draw(step: number): NamedTensors {
    const { network } = this.denoiser;
    const { seed, conditionDropout: both, classDropout: classAlone, training, optimizer } = this.recipe;
    const { batch } = training;
    const shape = [batch, ...network.sampleShape];
    const { x1, condition } = this.batches(step, batch);
    const draws = randomUniform({ seed, purpose: 'dropout', step }, batch);
    const kept = dropConditions(network.conditioning, condition, draws, { both, classAlone });
    const times = { seed, purpose: 'timestep', step } as const;
    return {
      x1: tf.tensor(x1, shape),
      noise: normalNoise({ seed, purpose: 'noise', step }, shape),
      t: tf.tensor1d(drawTimesteps(timestepDistribution(this.recipe), times, batch)),
      ...conditionFeeds(network.conditioning, kept),
      adam: adamFeed(
        optimizer,
        learningRateAt(this.recipe, step),
        step + 1,
        emaDecayAt(training.emaDecay, step),
      ),
    };
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
