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
import { Step, type StepDefinition, type StepMode } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';
import type { Distillation, DistillationMetrics, DistillationParts } from './distillation.ts';
import { criticDrawsOf, DistillationDraws, studentDrawsOf } from './distillationDraws.ts';
import { lossGradientsAndMetrics } from './gradients.ts';
import { adamFeed, zeroMoments } from './optimizers.ts';
import { namesUnder, optimizerOf, readStudent, updateRole } from './roles.ts';
import { productType, stepSettings } from './stepSettings.ts';

type Run = StepDefinition['run'];

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
    const moments = zeroMoments(teacher);
    const heads = this.usesGan ? initialHeads(denoiser, recipe.seed) : {};
    const headMoments = zeroMoments(heads);
    this.state = createResidentState({
      ...prefixed('teacher', teacher),
      ...prefixed('student', teacher),
      ...prefixed('studentAdam', { ...moments, ...prefixed('ema', teacher) }),
      ...prefixed('fake', teacher),
      ...prefixed('fakeAdam', moments),
      ...prefixed('discriminator', heads),
      ...prefixed('discriminatorAdam', headMoments),
      ...further,
    });
    tf.dispose([moments, heads, headMoments]);

    const studentReads = ['student', 'studentAdam', 'teacher', 'discriminator'];
    if (recipe.distributionMatching.weight > 0) studentReads.push('fake');
    const criticsRead = ['student', ...this.critical.flatMap((role) => [role, optimizerOf(role)])];
    if (this.usesGan && !sharesFakeScore(recipe)) criticsRead.push('teacher');
    const updateStudent: Run = (held, feeds) => this.updateStudent(target, held, feeds);
    const updateCritics: Run = (held, feeds) => this.updateCritics(held, feeds);
    this.simulate = this.simulation('student');
    this.student = this.step('student', studentReads, updateStudent, { target });
    this.critics = this.step('critics', criticsRead, updateCritics, { target });
  }

  /** The step that takes samples by one of the student's steps, by the weights under this prefix. */
  protected simulation(prefix: string, name = 'simulate'): Step {
    return this.step(name, [prefix], (weights, feeds) => ({
      outputs: { z: this.simulated(under(weights, prefix), feeds) },
    }));
  }

  private step(name: string, reads: readonly string[], run: Run, settings = {}): Step {
    const { denoiser, recipe, state, mode } = this;
    return new Step(
      {
        ...{ name, state, run },
        settings: { ...stepSettings(denoiser, recipe), ...settings },
        products: productType(recipe),
        uses: namesUnder(state, ...reads),
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
    return readStudent(this.state, which);
  }

  dispose(): void {
    for (const step of [this.simulate, this.student, this.critics]) step.dispose();
    this.state.dispose();
  }

  /** The outputs are the caller's, of `runCritics` too. */
  private runStudent(iteration: number, part: TrainedPart, draw: number): NamedTensors {
    const { recipe } = this;
    const { optimizer } = recipe;
    const input = this.studentInput(draw, part);
    const feeds: NamedTensors = {
      ...input.feeds,
      ...this.draws.student(iteration, this.times[input.index] ?? 0, part.end),
      adam: adamFeed(optimizer, optimizer.learningRate, part.done + 1, recipe.student.emaDecay),
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
      ...(this.usesFake && {
        'adam.fake': adamFeed(recipe.optimizer, recipe.fakeScore.learningRate, done + 1),
      }),
      ...this.draws.discriminator(update),
      ...(this.usesGan && {
        'adam.discriminator': adamFeed(recipe.optimizer, recipe.gan.learningRate, done + 1),
      }),
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
    const { denoiser, recipe } = this;
    const weights = {
      student: under(state, 'student'),
      teacher: under(state, 'teacher'),
      fake: under(state, 'fake'),
      heads: under(state, 'discriminator'),
    };
    const { gradients, metrics } = distillStep(denoiser, recipe, target, weights, studentDrawsOf(feeds));
    const schedule = named(feeds, 'adam');
    const { next, gradientNorm } = updateRole(recipe.optimizer, 'student', state, gradients, schedule);
    return { outputs: packScalars({ ...metrics, gradient_norm: gradientNorm }), next };
  }

  private updateCritics(state: NamedTensors, feeds: NamedTensors) {
    const { denoiser, recipe } = this;
    const { z, t, end, condition } = studentDrawsOf(feeds);
    const x1 = predictX1(denoiser, under(state, 'student'), z, t, condition);
    const draws = criticDrawsOf(feeds, end ? stepTo(end, x1, z, t) : x1);
    const trained = this.critical.map((role) => prefixed(role, under(state, role)));
    const { gradients, metrics } = lossGradientsAndMetrics(
      Object.assign({}, ...trained) as NamedTensors,
      (parameters) => criticLoss(denoiser, recipe, under(state, 'teacher'), parameters, draws),
    );
    const next = this.critical.map((role) => {
      const schedule = named(feeds, `adam.${role}`);
      return updateRole(recipe.optimizer, role, state, under(gradients, role), schedule).next;
    });
    return { outputs: packScalars(metrics), next: Object.assign({}, ...next) as NamedTensors };
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
