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
import { Ahead } from './ahead.ts';
import type { Distillation, DistillationMetrics, DistillationParts } from './distillation.ts';
import {
  criticDrawsOf,
  DistillationDraws,
  studentDrawsOf,
  type TrainedPart,
  type UpdateDraws,
} from './distillationDraws.ts';
import { lossGradientsAndMetrics } from './gradients.ts';
import { zeroMoments } from './optimizers.ts';
import { namesUnder, optimizerOf, readStudent, updateRole } from './roles.ts';
import { productType, stepSettings } from './stepSettings.ts';

type Run = StepDefinition['run'];

export class DistillationTrainer implements Distillation {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** Weights under `teacher.`, `student.`, `fake.`, `discriminator.`; moments and averages under `studentAdam.` … */
  readonly state: ResidentState;
  /** The student's times, noise first. */
  readonly times: readonly number[];
  private readonly draws: DistillationDraws;
  private readonly ahead = new Ahead((iteration) =>
    this.draws.studentUpdate(iteration, this.part(iteration)),
  );
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
    this.times = studentTimesteps(recipe.student.steps, recipe.student.shift);
    this.draws = new DistillationDraws(parts, this.times);
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

  /**
   * One iteration: a student update, then those of fake score and discriminator. `iteration` counts from 0 and fixes
   * every draw; each update's are made while the one before it runs.
   */
  async iterate(iteration: number): Promise<DistillationMetrics> {
    const part = this.part(iteration);
    const updates = this.critical.length > 0 ? this.recipe.fakeScore.stepsPerStudentStep : 0;
    const ends = [this.begin(this.student, part, this.ahead.take(iteration))];
    for (let k = 0; k < updates; k++)
      ends.push(this.begin(this.critics, part, this.draws.criticsUpdate(iteration, part, k)));
    this.ahead.prepare(iteration + 1);
    const [metrics, ...critics] = await readScalars(ends);
    if (updates === 0) return { ...metrics };
    return { ...metrics, ...averages(critics) };
  }

  /** The student's weights: averaged, or as they stand. The caller disposes them. */
  studentWeights(which: 'averaged' | 'current' = 'averaged'): NamedTensors {
    return readStudent(this.state, which);
  }

  dispose(): void {
    for (const step of [this.simulate, this.student, this.critics]) step.dispose();
    this.ahead.dispose();
    this.state.dispose();
  }

  /** Step 1 of Algorithm 1, which simulates the student's earlier steps without gradient; then begins the update. */
  private begin(step: Step, part: TrainedPart, { feeds, simulation }: UpdateDraws): () => NamedTensors {
    let z = named(feeds, 'z');
    const ends = simulation.map((earlier, k) => {
      const simulate = (k < part.steps[0] && part.earlier?.(k)) || this.simulate;
      const { outputs, end } = simulate.chain({ ...earlier, z });
      z.dispose();
      z = named(outputs, 'z');
      return end;
    });
    const endUpdate = step.begin({ ...feeds, z });
    tf.dispose([feeds, ...simulation, z]);
    return () => {
      for (const end of ends) end();
      return endUpdate();
    };
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
