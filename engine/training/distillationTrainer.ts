/**
 * Distillation as an iteration that can be repeated, paused and resumed: draws on the host, three kinds of
 * captured step (backward simulation, student update, fake-score update) on one resident state.
 */
import { usesFakeScore, type Recipe } from '../contract/recipe.ts';
import { distillStep, type StudentDraws } from '../distillation/distillStep.ts';
import { FAKE_TAU_MAX, fakeScoreLoss } from '../distillation/fakeScore.ts';
import type { ImageStatistics } from '../distillation/regularizers/meanVariance.ts';
import { drawRenoising } from '../distillation/renoising.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { prefixed, under } from '../model/parameters.ts';
import { fewStep, studentTimesteps } from '../sampling/fewStep.ts';
import { normalNoise } from '../tensor/noise.ts';
import { randomIntegers, randomUniform, type Purpose } from '../tensor/random.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../tensor/residentState.ts';
import { packScalars, readScalars } from '../tensor/scalars.ts';
import { Step, type StepMode } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import { conditionFeeds, conditionOf } from '../model/conditions.ts';
import type { ConditionSource, Distillation, DistillationMetrics } from './distillation.ts';
import { lossAndGradients } from './gradients.ts';
import { ADAM_EPSILON, adamFeeds, adamW, zeroMoments, type AdamWConfig } from './optimizers.ts';
import { productType, stepSettings } from './stepSettings.ts';

/** Which of the state's tensors hold what. */
const roles = { student: 'student', teacher: 'teacher', fake: 'fake' } as const;
const optimizerOf = (role: 'student' | 'fake') => `${role}Adam`;

export class DistillationTrainer implements Distillation {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** `teacher.`, `student.` and `fake.` weights; moments and averages of the trained two under `studentAdam.` … */
  readonly state: ResidentState;
  /** The student's times, noise first. */
  readonly times: readonly number[];
  private readonly conditions: ConditionSource;
  private readonly simulate: Step;
  private readonly student: Step;
  private readonly fake: Step;
  private readonly adam: AdamWConfig;
  private readonly names: readonly string[];

  /** All three roles start from the teacher's weights, which stay the caller's. */
  constructor(
    denoiser: Denoiser,
    recipe: Recipe,
    teacher: NamedTensors,
    target: ImageStatistics,
    conditions: ConditionSource,
    mode: StepMode = 'auto',
  ) {
    this.denoiser = denoiser;
    this.recipe = recipe;
    this.conditions = conditions;
    this.times = studentTimesteps(recipe.student.steps, recipe.student.shift);
    const { beta1, beta2, weightDecay, clipNorm } = recipe.optimizer;
    this.adam = { beta1, beta2, weightDecay, clipNorm, epsilon: ADAM_EPSILON };
    const names = Object.keys(denoiser.network.specs);
    this.names = names;
    const moments = zeroMoments(teacher);
    this.state = createResidentState({
      ...prefixed(roles.teacher, teacher),
      ...prefixed(roles.student, teacher),
      ...prefixed(optimizerOf('student'), { ...moments, ...prefixed('ema', teacher) }),
      ...prefixed(roles.fake, teacher),
      ...prefixed(optimizerOf('fake'), moments),
    });
    tf.dispose(moments);

    const usedBy = (...prefixes: string[]) =>
      this.state.names.filter((name) => prefixes.some((prefix) => name.startsWith(`${prefix}.`)));
    const hasDM = recipe.distributionMatching.weight > 0;
    const settings = { ...stepSettings(denoiser, recipe), target };
    const products = productType(recipe);
    this.simulate = new Step(
      {
        name: 'simulate',
        state: this.state,
        settings,
        products,
        uses: usedBy(roles.student),
        run: (state, feeds) => ({
          outputs: {
            z: fewStep(
              denoiser,
              under(state, roles.student),
              named(feeds, 'z'),
              named(feeds, 't') as Tensor1D,
              named(feeds, 'next') as Tensor1D,
              named(feeds, 'noise'),
              conditionOf(feeds),
            ),
          },
        }),
      },
      mode,
    );
    this.student = new Step(
      {
        name: 'student',
        state: this.state,
        settings,
        products,
        uses: usedBy(roles.student, optimizerOf('student'), roles.teacher, ...(hasDM ? [roles.fake] : [])),
        run: (state, feeds) => this.updateStudent(target, state, feeds),
      },
      mode,
    );
    this.fake = new Step(
      {
        name: 'fake',
        state: this.state,
        settings,
        products,
        uses: usedBy(roles.student, roles.fake, optimizerOf('fake')),
        run: (state, feeds) => this.updateFake(state, feeds),
      },
      mode,
    );
  }

  /** Whether the recipe trains a fake-score model at all. */
  get usesFake(): boolean {
    return usesFakeScore(this.recipe);
  }

  /** One iteration: a student update, then the fake-score updates. `iteration` counts from 0 and fixes every draw. */
  async iterate(iteration: number): Promise<DistillationMetrics> {
    const { fakeScore, optimizer } = this.recipe;
    const updates = this.usesFake ? fakeScore.stepsPerStudentStep : 0;
    const firstDraw = iteration * (fakeScore.stepsPerStudentStep + 1);
    const outputs = [this.runStudent(iteration, firstDraw, optimizer.learningRate)];
    for (let k = 0; k < updates; k++) outputs.push(this.runFake(iteration * updates + k, firstDraw + 1 + k));
    const [metrics, ...fake] = await readScalars(outputs);
    tf.dispose(outputs);
    if (updates === 0) return { ...metrics };
    const losses = fake.map(({ fake_loss: loss = NaN }) => loss);
    return { ...metrics, fake_loss: losses.reduce((sum, loss) => sum + loss, 0) / updates };
  }

  /** The student's weights: averaged, or as they stand. The caller disposes them. */
  studentWeights(which: 'averaged' | 'current' = 'averaged'): NamedTensors {
    const prefix = which === 'averaged' ? `${optimizerOf('student')}.ema` : roles.student;
    return under(this.state.read(this.names.map((name) => `${prefix}.${name}`)), prefix);
  }

  dispose(): void {
    for (const step of [this.simulate, this.student, this.fake]) step.dispose();
    this.state.dispose();
  }

  /** The outputs are the caller's, of `runFake` too. */
  private runStudent(iteration: number, draw: number, learningRate: number): NamedTensors {
    const { recipe } = this;
    const input = this.studentInput(draw);
    const studentTime = this.times[input.index] ?? 0;
    const { batch } = recipe.training;
    const { tauDM, tauCA } = drawRenoising(recipe, iteration, studentTime, batch);
    const needs = { dm: recipe.distributionMatching.weight > 0, ca: recipe.cfgAugmentation.weight > 0 };
    const shares = recipe.renoising.schedule === 'coupled-shared' && needs.dm;
    const feeds: NamedTensors = {
      ...input.feeds,
      ...(needs.dm && { tauDM: tf.tensor1d(tauDM), noiseDM: this.noise('renoiseDM', iteration, 1) }),
      ...(needs.ca &&
        !shares && { tauCA: tf.tensor1d(tauCA), noiseCA: this.noise('renoiseCA', iteration, 1) }),
      ...adamFeeds('adam', this.adam, learningRate, iteration + 1),
      emaDecay: tf.scalar(recipe.student.emaDecay),
    };
    const outputs = this.student.run(feeds);
    tf.dispose(feeds);
    return outputs;
  }

  private runFake(update: number, draw: number): NamedTensors {
    const { seed } = this.recipe;
    const input = this.studentInput(draw);
    const tau = randomUniform({ seed, purpose: 'fakeTimestep', step: update }, this.recipe.training.batch);
    const feeds: NamedTensors = {
      ...input.feeds,
      tau: tf.tensor1d(tau.map((u) => u * FAKE_TAU_MAX)),
      noise: this.noise('fakeRenoise', update),
      ...adamFeeds('adam', this.adam, this.recipe.fakeScore.learningRate, update + 1),
    };
    const outputs = this.fake.run(feeds);
    tf.dispose(feeds);
    return outputs;
  }

  /** Step 1 of Algorithm 1: draws the student's step and simulates the earlier ones without gradient. */
  private studentInput(draw: number): { index: number; feeds: NamedTensors } {
    const { recipe, times } = this;
    const { batch } = recipe.training;
    const index =
      randomIntegers({ seed: recipe.seed, purpose: 'simulation', step: draw }, 1, times.length)[0] ?? 0;
    const condition = conditionFeeds(this.denoiser.network.conditioning, this.conditions(draw, batch));
    const at = (k: number) => tf.fill<tf.Rank.R1>([batch], times[k] ?? 0);
    let z: Tensor = this.noise('noise', draw);
    for (let k = 0; k < index; k++) {
      const feeds = { z, t: at(k), next: at(k + 1), noise: this.noise('simulation', draw, k + 1) };
      const outputs = this.simulate.run({ ...feeds, ...condition });
      tf.dispose(feeds);
      z = named(outputs, 'z');
    }
    return { index, feeds: { z, t: at(index), ...condition } };
  }

  private noise(purpose: Purpose, step: number, index = 0): Tensor {
    const shape = [this.recipe.training.batch, ...this.denoiser.network.sampleShape];
    return normalNoise({ seed: this.recipe.seed, purpose, step, index }, shape);
  }

  private updateStudent(target: ImageStatistics, state: NamedTensors, feeds: NamedTensors) {
    const student = under(state, roles.student);
    const draws: StudentDraws = {
      z: named(feeds, 'z'),
      t: named(feeds, 't') as Tensor1D,
      condition: conditionOf(feeds),
      ...(feeds['tauDM'] && { tauDM: feeds['tauDM'] as Tensor1D }),
      ...(feeds['noiseDM'] && { noiseDM: feeds['noiseDM'] }),
      ...(feeds['tauCA'] && { tauCA: feeds['tauCA'] as Tensor1D }),
      ...(feeds['noiseCA'] && { noiseCA: feeds['noiseCA'] }),
    };
    const weights = { student, teacher: under(state, roles.teacher), fake: under(state, roles.fake) };
    const { gradients, metrics } = distillStep(this.denoiser, this.recipe, target, weights, draws);
    const { next, gradientNorm } = this.optimized(roles.student, state, gradients, feeds);
    return { outputs: packScalars({ ...metrics, gradient_norm: gradientNorm }), next };
  }

  private updateFake(state: NamedTensors, feeds: NamedTensors) {
    const condition = conditionOf(feeds);
    const generated = predictX1(
      this.denoiser,
      under(state, roles.student),
      named(feeds, 'z'),
      named(feeds, 't') as Tensor1D,
      condition,
    );
    const { loss, gradients } = lossAndGradients(under(state, roles.fake), (fake) =>
      fakeScoreLoss(
        this.denoiser,
        fake,
        generated,
        named(feeds, 'noise'),
        named(feeds, 'tau') as Tensor1D,
        condition,
      ),
    );
    const { next } = this.optimized(roles.fake, state, gradients, feeds);
    return { outputs: packScalars({ fake_loss: loss }), next };
  }

  private optimized(
    role: 'student' | 'fake',
    state: NamedTensors,
    gradients: NamedTensors,
    feeds: NamedTensors,
  ) {
    const own = { ...under(state, role), ...under(state, optimizerOf(role)) };
    const { next, gradientNorm } = adamW(this.adam, own, gradients, feeds, 'adam', feeds['emaDecay']);
    const isWeight = (name: string) => name in gradients;
    const weights = Object.entries(next).filter(([name]) => isWeight(name));
    const moments = Object.entries(next).filter(([name]) => !isWeight(name));
    return {
      gradientNorm,
      next: {
        ...prefixed(role, Object.fromEntries(weights)),
        ...prefixed(optimizerOf(role), Object.fromEntries(moments)),
      },
    };
  }
}
