/** The toy distilled live: a few iterations at a time under weights that may change, and where CA and DM push. */
import type { LabPicture, LabSettings } from '../contract/messages/lab2d.ts';
import { parseRecipe, type Recipe } from '../contract/recipe.ts';
import { drawToy } from '../data/toy2d.ts';
import { cfgAugmentation } from '../distillation/directions/cfgAugmentation.ts';
import { distributionMatching } from '../distillation/directions/distributionMatching.ts';
import { normalize } from '../distillation/normalizers.ts';
import { drawRenoising } from '../distillation/renoising.ts';
import { interpolate } from '../flow/path.ts';
import { predictX1 } from '../flow/preconditioning.ts';
import { conditionFeeds, conditionOf } from '../model/conditions.ts';
import { deviationOf } from '../metrics/spread.ts';
import { emptyCondition } from '../model/network.ts';
import { under } from '../model/parameters.ts';
import { fewStep } from '../sampling/fewStep.ts';
import { randomNormal } from '../tensor/random.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import { Step } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor1D } from '../tensor/tf.ts';
import { DistillationTrainer } from './distillationTrainer.ts';
import { readModel, weightTensors, type Model } from './modelFile.ts';
import { namesUnder } from './roles.ts';
import { openTrainingData, type TrainingData } from './trainingData.ts';

const POINTS = 384;
/** Noise levels that an arrow is the average of. */
const LEVELS = 8;
const SEED = 1;
/** A term of weight 0 goes on being looked at: its model is trained beside, without influence. */
const OBSERVED = 1e-6;

export class ToyLab {
  private readonly model: Model;
  private readonly data: TrainingData;
  private readonly classes: Int32Array;
  private settings: LabSettings | undefined;
  private trainer: DistillationTrainer | undefined;
  private look: Step | undefined;
  private iteration = 0;

  private constructor(model: Model, data: TrainingData) {
    this.model = model;
    this.data = data;
    this.classes = Int32Array.from({ length: POINTS }, (_, i) => i % data.classNames.length);
  }

  static async open(): Promise<ToyLab> {
    const model = await readModel('toy');
    const { classNames } = model.info;
    const options = { size: 0, captionLength: 0, tokeniser: undefined, classBalance: 0, classNames };
    return new ToyLab(model, await openTrainingData('toy', options));
  }

  /** The student's own distribution to compare with: points of the data. */
  static dataPoints(): { points: number[]; classes: number[] } {
    const { points, classes } = drawToy('blobs', 2 * POINTS, SEED);
    return { points: rounded(points), classes: [...classes] };
  }

  /** With both weights 0 nothing moves, and no iteration is counted. */
  async advance(settings: LabSettings, iterations: number, restart: boolean): Promise<LabPicture> {
    if (restart) this.close();
    const trainer = this.trainerFor(settings);
    const moves = settings.cfgAugmentation > 0 || settings.distributionMatching > 0;
    for (let i = 0; moves && i < iterations; i++) await trainer.iterate(this.iteration++);
    return this.picture(trainer);
  }

  /** Settings are part of the captured steps: changed ones make a new trainer, which takes the state over. */
  private trainerFor(settings: LabSettings): DistillationTrainer {
    if (this.trainer && JSON.stringify(settings) === JSON.stringify(this.settings)) return this.trainer;
    const weights = weightTensors(this.model);
    const next = new DistillationTrainer({
      denoiser: this.model.denoiser,
      recipe: recipeOf(settings),
      teacher: weights,
      statistics: this.data.statistics,
      conditions: (draw, count) => this.data.conditions(draw, count, SEED),
      batches: (draw, count) => this.data.batch(draw, count, SEED),
    });
    tf.dispose(weights);
    if (this.trainer) {
      const state = this.trainer.state.read();
      next.state.write(state);
      tf.dispose(state);
    }
    const { iteration } = this;
    this.close();
    this.iteration = iteration;
    this.settings = settings;
    this.trainer = next;
    this.look = new Step({
      name: 'look',
      state: next.state,
      uses: namesUnder(next.state, 'student', 'teacher', 'fake'),
      run: (state, feeds) => ({ outputs: directions(next, state, feeds) }),
    });
    return next;
  }

  private async picture({ times, recipe, denoiser }: DistillationTrainer): Promise<LabPicture> {
    const draws = drawRenoising(recipe, 0, times.at(-1) ?? 0, POINTS * LEVELS);
    const noise = (purpose: 'sample' | 'renoiseDM' | 'renoiseCA', count: number, index = 0) =>
      tf.tensor(randomNormal({ seed: SEED, purpose, step: 0, index }, 2 * count), [count, 2]);
    const feeds: NamedTensors = {
      ...Object.fromEntries(times.map((_, k) => [`noise${k}`, noise('sample', POINTS, k)])),
      noiseCA: noise('renoiseCA', POINTS * LEVELS),
      noiseDM: noise('renoiseDM', POINTS * LEVELS),
      tauCA: tf.tensor1d(draws.tauCA),
      tauDM: tf.tensor1d(draws.tauDM),
      ...conditionFeeds(denoiser.network.conditioning, { classes: this.classes }),
    };
    const outputs = this.look?.run(feeds) ?? {};
    const read = async (name: string) => named(outputs, name).data<'float32'>();
    const [points, ca, dm] = [await read('points'), await read('ca'), await read('dm')];
    tf.dispose([feeds, outputs]);
    return {
      iteration: this.iteration,
      points: rounded(points),
      classes: [...this.classes],
      ca: rounded(ca),
      dm: rounded(dm),
      deviation: deviationOf(points),
    };
  }

  private close(): void {
    this.look?.dispose();
    this.trainer?.dispose();
    this.look = undefined;
    this.trainer = undefined;
    this.iteration = 0;
  }
}

/** Quick enough to be watched; velocities (τ-normalised) keep the arrows of all levels comparable. */
function recipeOf({ cfgAugmentation: ca, distributionMatching: dm, schedule, steps }: LabSettings): Recipe {
  return parseRecipe({
    ...{ teacher: 'toy', data: 'toy', seed: SEED, student: { steps, emaDecay: 0 } },
    cfgAugmentation: { weight: Math.max(ca, OBSERVED) },
    distributionMatching: { weight: Math.max(dm, OBSERVED) },
    renoising: { schedule, normalizer: 'time' },
    fakeScore: { learningRate: 5e-4, stepsPerStudentStep: 3 },
    optimizer: { learningRate: 1e-4 },
    training: { batch: 128 },
  });
}

/** The student's points by all of its steps, and both directions there, averaged over the levels; (POINTS, 2) each. */
function directions(
  { times, denoiser, recipe }: DistillationTrainer,
  state: NamedTensors,
  feeds: NamedTensors,
): NamedTensors {
  const condition = conditionOf(feeds);
  const at = (time: number) => tf.fill<tf.Rank.R1>([POINTS], time);
  let points = named(feeds, 'noise0');
  times.forEach((time, k) => {
    const noise = feeds[`noise${k + 1}`] ?? tf.zerosLike(points);
    const next = at(times[k + 1] ?? 1);
    points = fewStep(denoiser, under(state, 'student'), points, at(time), next, noise, condition);
  });
  const x = tf.tile(points, [LEVELS, 1]); // (LEVELS × POINTS, 2)
  const classes = tf.tile(named(feeds, 'classes'), [LEVELS]) as Tensor1D;
  const empty = emptyCondition(denoiser.network.conditioning, POINTS * LEVELS);
  const [tauCA, tauDM] = [named(feeds, 'tauCA') as Tensor1D, named(feeds, 'tauDM') as Tensor1D];
  const xCA = interpolate(x, named(feeds, 'noiseCA'), tauCA);
  const xDM = interpolate(x, named(feeds, 'noiseDM'), tauDM);
  const teacher = under(state, 'teacher');
  const conditional = predictX1(denoiser, teacher, xCA, tauCA, { classes });
  const unconditional = predictX1(denoiser, teacher, xCA, tauCA, empty);
  const real = predictX1(denoiser, teacher, xDM, tauDM, { classes });
  const fake = predictX1(denoiser, under(state, 'fake'), xDM, tauDM, { classes });
  const { normalizer } = recipe.renoising;
  const ca = cfgAugmentation(conditional, unconditional, recipe.guidance.scale);
  const dm = distributionMatching(real, fake);
  const averaged = (direction: tf.Tensor) => tf.mean(direction.reshape([LEVELS, POINTS, 2]), 0);
  return {
    points,
    ca: averaged(normalize(ca, normalizer, x, conditional, tauCA)),
    dm: averaged(normalize(dm, normalizer, x, real, tauDM)),
  };
}

const rounded = (values: Float32Array) => Array.from(values, (value) => Math.round(1000 * value) / 1000);
