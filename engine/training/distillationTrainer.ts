/**
 * Distillation as an iteration that can be repeated, paused and resumed: draws on the host, three kinds of
 * captured step (backward simulation, student update, fake-score update) on one resident state.
 */
import { sharesFakeScore, usesFakeScore, usesGan, type Recipe } from '../contract/recipe.ts';
import { distillStep } from '../distillation/distillStep.ts';
import { criticLoss } from '../distillation/critics.ts';
import type { ImageStatistics } from '../distillation/regularizers/meanVariance.ts';
import { stepTo } from '../distillation/phased.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { conditionOf } from '../model/conditions.ts';
import { discriminatorSpecs } from '../model/discriminator.ts';
import { initialValues, prefixed, toTensors, under } from '../model/parameters.ts';
import { fewStep, studentTimesteps } from '../sampling/fewStep.ts';
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
import type { Distillation, DistillationMetrics, DistillationParts } from './distillation.ts';
import { criticDrawsOf, DistillationDraws, studentDrawsOf } from './distillationDraws.ts';
import { lossGradientsAndMetrics } from './gradients.ts';
import { ADAM_EPSILON, adamFeeds, adamW, zeroMoments, type AdamWConfig } from './optimizers.ts';
import { productType, stepSettings } from './stepSettings.ts';

/** Which of the state's tensors hold what. */
const roles = {
  student: 'student',
  teacher: 'teacher',
  fake: 'fake',
  discriminator: 'discriminator',
} as const;
type Trained = Exclude<keyof typeof roles, 'teacher'>;
const optimizerOf = (role: Trained) => `${role}Adam`;

/** What of the student an iteration trains. */
export interface TrainedPart {
  /** Iterations since the optimisers began. */
  readonly done: number;
  /** Of the student's steps: the first, and the one after the last. */
  readonly steps: readonly [number, number];
  /** The time at which they end, in Phased DMD; otherwise data. */
  readonly end?: number;
  /** What simulates a step before those, where the student does not. */
  readonly earlier?: (step: number) => Step | undefined;
}

export class DistillationTrainer implements Distillation {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** Weights under `teacher.`, `student.`, `fake.`, `discriminator.`; moments and averages under `studentAdam.` … */
  readonly state: ResidentState;
  /** The student's times, noise first. */
  readonly times: readonly number[];
  private readonly draws: DistillationDraws;
  private readonly simulate: Step;
  private readonly student: Step;
  private readonly critics: Step;
  private readonly adam: AdamWConfig;
  private readonly names: readonly string[];

  private readonly mode: StepMode | undefined;

  /**
   * All three roles start from the teacher's weights.
   *
   * @param further weights that the state holds besides those; copied like them.
   */
  constructor(parts: DistillationParts, further: NamedTensors = {}) {
    const { denoiser, recipe, teacher, statistics: target, mode } = parts;
    this.mode = mode;
    this.denoiser = denoiser;
    this.recipe = recipe;
    this.draws = new DistillationDraws(parts);
    this.times = studentTimesteps(recipe.student.steps, recipe.student.shift);
    const { beta1, beta2, weightDecay, clipNorm } = recipe.optimizer;
    this.adam = { beta1, beta2, weightDecay, clipNorm, epsilon: ADAM_EPSILON };
    const names = Object.keys(denoiser.network.specs);
    this.names = names;
    const moments = zeroMoments(teacher);
    const heads = this.usesGan ? initialHeads(denoiser, recipe.seed) : {};
    const headMoments = zeroMoments(heads);
    this.state = createResidentState({
      ...prefixed(roles.teacher, teacher),
      ...prefixed(roles.student, teacher),
      ...prefixed(optimizerOf('student'), { ...moments, ...prefixed('ema', teacher) }),
      ...prefixed(roles.fake, teacher),
      ...prefixed(optimizerOf('fake'), moments),
      ...prefixed(roles.discriminator, heads),
      ...prefixed(optimizerOf('discriminator'), headMoments),
      ...further,
    });
    tf.dispose([moments, heads, headMoments]);

    const reads = [
      roles.student,
      optimizerOf('student'),
      roles.teacher,
      roles.discriminator,
      ...(recipe.distributionMatching.weight > 0 ? [roles.fake] : []),
    ];
    const looksOnTeacher = this.usesGan && !sharesFakeScore(recipe);
    const settings = { ...stepSettings(denoiser, recipe), target };
    const products = productType(recipe);
    this.simulate = this.simulation(roles.student);
    this.student = new Step(
      {
        name: 'student',
        state: this.state,
        settings,
        products,
        uses: this.usedBy(...reads),
        run: (state, feeds) => this.updateStudent(target, state, feeds),
      },
      mode,
    );
    this.critics = new Step(
      {
        name: 'critics',
        state: this.state,
        settings,
        products,
        uses: this.usedBy(
          roles.student,
          ...this.critical.flatMap((role) => [role, optimizerOf(role)]),
          ...(looksOnTeacher ? [roles.teacher] : []),
        ),
        run: (state, feeds) => this.updateCritics(state, feeds),
      },
      mode,
    );
  }

  /** The step that takes samples by one of the student's steps, by the weights under this prefix. */
  protected simulation(prefix: string, name = 'simulate'): Step {
    const { denoiser, recipe, state, mode } = this;
    return new Step(
      {
        ...{
          name,
          state,
          settings: stepSettings(denoiser, recipe),
          products: productType(recipe),
        },
        uses: this.usedBy(prefix),
        run: (weights, feeds) => ({ outputs: { z: this.simulated(under(weights, prefix), feeds) } }),
      },
      mode,
    );
  }

  /** z at the feeds' time `next`, by re-noising. */
  protected simulated(parameters: NamedTensors, feeds: NamedTensors): Tensor {
    return fewStep(
      this.denoiser,
      parameters,
      named(feeds, 'z'),
      named(feeds, 't') as Tensor1D,
      named(feeds, 'next') as Tensor1D,
      named(feeds, 'noise'),
      conditionOf(feeds),
    );
  }

  protected part(iteration: number): TrainedPart {
    return { done: iteration, steps: [0, this.times.length] };
  }

  private usedBy(...prefixes: string[]): string[] {
    return this.state.names.filter((name) => prefixes.some((prefix) => name.startsWith(`${prefix}.`)));
  }

  /** Whether the recipe trains a fake-score model at all. */
  get usesFake(): boolean {
    return usesFakeScore(this.recipe);
  }

  private get usesGan(): boolean {
    return usesGan(this.recipe);
  }

  /** What learns beside the student. */
  private get critical(): ('fake' | 'discriminator')[] {
    return [...(this.usesFake ? ['fake' as const] : []), ...(this.usesGan ? ['discriminator' as const] : [])];
  }

  /** One iteration: a student update, then those of fake score and discriminator. `iteration` counts from 0 and fixes every draw. */
  async iterate(iteration: number): Promise<DistillationMetrics> {
    const { fakeScore } = this.recipe;
    const part = this.part(iteration);
    const updates = this.critical.length > 0 ? fakeScore.stepsPerStudentStep : 0;
    const firstDraw = iteration * (fakeScore.stepsPerStudentStep + 1);
    const outputs = [this.runStudent(iteration, part, firstDraw)];
    for (let k = 0; k < updates; k++) outputs.push(this.runCritics(iteration, part, k, firstDraw + 1 + k));
    const [metrics, ...critics] = await readScalars(outputs);
    tf.dispose(outputs);
    if (updates === 0) return { ...metrics };
    return { ...metrics, ...averages(critics) };
  }

  /** The student's weights: averaged, or as they stand. The caller disposes them. */
  studentWeights(which: 'averaged' | 'current' = 'averaged'): NamedTensors {
    const prefix = which === 'averaged' ? `${optimizerOf('student')}.ema` : roles.student;
    return under(this.state.read(this.names.map((name) => `${prefix}.${name}`)), prefix);
  }

  dispose(): void {
    for (const step of [this.simulate, this.student, this.critics]) step.dispose();
    this.state.dispose();
  }

  /** The outputs are the caller's, of `runCritics` too. */
  private runStudent(iteration: number, part: TrainedPart, draw: number): NamedTensors {
    const { recipe } = this;
    const input = this.studentInput(draw, part);
    const feeds: NamedTensors = {
      ...input.feeds,
      ...this.draws.student(iteration, this.times[input.index] ?? 0, part.end),
      ...adamFeeds('adam', this.adam, recipe.optimizer.learningRate, part.done + 1),
      emaDecay: tf.scalar(recipe.student.emaDecay),
    };
    const outputs = this.student.run(feeds);
    tf.dispose(feeds);
    return outputs;
  }

  /** Critics' update `k` of the iteration. */
  private runCritics(iteration: number, part: TrainedPart, k: number, draw: number): NamedTensors {
    const { recipe } = this;
    const updates = recipe.fakeScore.stepsPerStudentStep;
    const [update, done] = [iteration * updates + k, part.done * updates + k];
    const input = this.studentInput(draw, part);
    const feeds: NamedTensors = {
      ...input.feeds,
      ...this.draws.fake(iteration, update, part.end),
      ...(this.usesFake && adamFeeds('adam.fake', this.adam, recipe.fakeScore.learningRate, done + 1)),
      ...this.draws.discriminator(update),
      ...(this.usesGan && adamFeeds('adam.discriminator', this.adam, recipe.gan.learningRate, done + 1)),
    };
    const outputs = this.critics.run(feeds);
    tf.dispose(feeds);
    return outputs;
  }

  /** Step 1 of Algorithm 1: draws the student's step and simulates the earlier ones without gradient. */
  private studentInput(draw: number, part: TrainedPart): { index: number; feeds: NamedTensors } {
    const { draws, recipe, times } = this;
    const { batch } = recipe.training;
    const index = draws.studentStep(draw, part.steps);
    const condition = draws.condition(draw);
    const at = (k: number) => tf.fill<tf.Rank.R1>([batch], times[k] ?? 0);
    let z = draws.noise('noise', draw);
    for (let k = 0; k < index; k++) {
      const feeds = { z, t: at(k), next: at(k + 1), noise: draws.noise('simulation', draw, k + 1) };
      const simulate = k < part.steps[0] ? (part.earlier?.(k) ?? this.simulate) : this.simulate;
      const outputs = simulate.run({ ...feeds, ...condition });
      tf.dispose(feeds);
      z = named(outputs, 'z');
    }
    const end = part.end === undefined ? {} : { end: tf.fill<tf.Rank.R1>([batch], part.end) };
    return { index, feeds: { z, t: at(index), ...end, ...condition } };
  }

  private updateStudent(target: ImageStatistics, state: NamedTensors, feeds: NamedTensors) {
    const student = under(state, roles.student);
    const draws = studentDrawsOf(feeds);
    const [teacher, fake] = [under(state, roles.teacher), under(state, roles.fake)];
    const weights = { student, teacher, fake, heads: under(state, roles.discriminator) };
    const { gradients, metrics } = distillStep(this.denoiser, this.recipe, target, weights, draws);
    const { next, gradientNorm } = this.optimized(roles.student, state, gradients, feeds, 'adam');
    return { outputs: packScalars({ ...metrics, gradient_norm: gradientNorm }), next };
  }

  private updateCritics(state: NamedTensors, feeds: NamedTensors) {
    const { z, t, end, condition } = studentDrawsOf(feeds);
    const x1 = predictX1(this.denoiser, under(state, roles.student), z, t, condition);
    const draws = criticDrawsOf(feeds, end ? stepTo(end, x1, z, t) : x1);
    const trained = this.critical.map((role) => prefixed(role, under(state, role)));
    const { gradients, metrics } = lossGradientsAndMetrics(
      Object.assign({}, ...trained) as NamedTensors,
      (parameters) => criticLoss(this.denoiser, this.recipe, under(state, roles.teacher), parameters, draws),
    );
    const next = this.critical.map(
      (role) => this.optimized(role, state, under(gradients, role), feeds, `adam.${role}`).next,
    );
    return { outputs: packScalars(metrics), next: Object.assign({}, ...next) as NamedTensors };
  }

  private optimized(
    role: Trained,
    state: NamedTensors,
    gradients: NamedTensors,
    feeds: NamedTensors,
    prefix: string,
  ) {
    const own = { ...under(state, role), ...under(state, optimizerOf(role)) };
    const { next, gradientNorm } = adamW(this.adam, own, gradients, feeds, prefix, feeds['emaDecay']);
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

function initialHeads({ network }: Denoiser, seed: number): NamedTensors {
  const specs = discriminatorSpecs(network);
  return toTensors(specs, initialValues(specs, seed));
}

/** Of each metric over the updates. */
function averages(updates: readonly DistillationMetrics[]): DistillationMetrics {
  const names = Object.keys(updates[0] ?? {});
  const averageOf = (name: string) =>
    updates.reduce((sum, metrics) => sum + (metrics[name] ?? NaN), 0) / updates.length;
  return Object.fromEntries(names.map((name) => [name, averageOf(name)]));
}
