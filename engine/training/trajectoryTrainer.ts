/**
 * A student that learns the teacher's way through the noise levels by regression on re-noised real data: one captured
 * step holds the target, the student's update and its average. The method says at which times, to which target.
 */
import type { Recipe } from '../contract/recipe.ts';
import { sampleStatistics } from '../distillation/diagnostics.ts';
import { interpolate } from '../flow/path.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import { conditionFeeds, conditionOf } from '../model/conditions.ts';
import { prefixed, under } from '../model/parameters.ts';
import { normalNoise } from '../tensor/noise.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../tensor/residentState.ts';
import { packScalars, readScalars } from '../tensor/scalars.ts';
import { Step } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor1D } from '../tensor/tf.ts';
import { Ahead } from './ahead.ts';
import type { Distillation, DistillationMetrics, DistillationParts } from './distillation.ts';
import { lossAndGradients } from './gradients.ts';
import { adamFeed, zeroMoments } from './optimizers.ts';
import { namesUnder, readStudent, updateRole } from './roles.ts';
import type { BatchSource } from './sources.ts';
import { productType, stepSettings } from './stepSettings.ts';
import type { TrajectoryMethod } from './trajectoryMethods.ts';

export class TrajectoryTrainer implements Distillation {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** `teacher.`, `student.`, `studentAdam.{first,second,ema}.`, and the stage's own teacher under `stage.`. */
  readonly state: ResidentState;
  readonly usesFake = false;
  private readonly method: TrajectoryMethod;
  private readonly batches: BatchSource;
  private readonly ahead = new Ahead((iteration) => this.draw(iteration));
  /** The first stage's, and every later one's. */
  private readonly steps: readonly [Step, Step];

  constructor({ denoiser, recipe, teacher, batches, mode }: DistillationParts, method: TrajectoryMethod) {
    this.denoiser = denoiser;
    this.recipe = recipe;
    this.method = method;
    this.batches = batches;
    const moments = zeroMoments(teacher);
    this.state = createResidentState({
      ...prefixed('teacher', teacher),
      ...prefixed('student', teacher),
      ...prefixed('studentAdam', { ...moments, ...prefixed('ema', teacher) }),
      ...(method.roles(1).includes('stage') && prefixed('stage', teacher)),
    });
    tf.dispose(moments);
    const stepOf = (name: string, stage: number) =>
      new Step(
        {
          ...{
            name,
            state: this.state,
            settings: stepSettings(denoiser, recipe),
            products: productType(recipe),
          },
          uses: namesUnder(this.state, 'student', 'studentAdam', ...method.roles(stage)),
          run: (state, feeds) => this.update(stage, state, feeds),
        },
        mode,
      );
    this.steps = [stepOf('trajectory', 0), stepOf('laterTrajectory', 1)];
  }

  async iterate(iteration: number): Promise<DistillationMetrics> {
    const { index, done } = this.method.stage(iteration);
    if (index > 0 && done === 0) this.beginStage();
    const feeds = this.ahead.take(iteration);
    const end = this.steps[index === 0 ? 0 : 1].begin(feeds);
    this.ahead.prepare(iteration + 1);
    tf.dispose(feeds);
    const [metrics] = await readScalars([end]);
    return { ...metrics };
  }

  studentWeights(which: 'averaged' | 'current' = 'averaged'): NamedTensors {
    return readStudent(this.state, which);
  }

  dispose(): void {
    for (const step of this.steps) step.dispose();
    this.ahead.dispose();
    this.state.dispose();
  }

  private draw(iteration: number): NamedTensors {
    const { seed, student, training, optimizer } = this.recipe;
    const { conditioning, sampleShape } = this.denoiser.network;
    const shape = [training.batch, ...sampleShape];
    const { done, rate } = this.method.stage(iteration);
    const { x1, condition } = this.batches(iteration, training.batch);
    const times = Object.entries(this.method.draw(iteration, training.batch));
    return {
      x1: tf.tensor(x1, shape),
      noise: normalNoise({ seed, purpose: 'noise', step: iteration }, shape),
      ...Object.fromEntries(times.map(([name, values]) => [name, tf.tensor1d(values)])),
      ...conditionFeeds(conditioning, condition),
      adam: adamFeed(optimizer, rate, done + 1, student.emaDecay),
    };
  }

  /** The last stage's averaged student teaches, and is what the next one begins from; its moments are forgotten. */
  private beginStage(): void {
    const weights = this.studentWeights();
    const moments = zeroMoments(weights);
    this.state.write({
      ...prefixed('stage', weights),
      ...prefixed('student', weights),
      ...prefixed('studentAdam', moments),
    });
    tf.dispose([weights, moments]);
  }

  private update(stage: number, state: NamedTensors, feeds: NamedTensors) {
    const condition = conditionOf(feeds);
    const t = named(feeds, 't') as Tensor1D;
    const xt = interpolate(named(feeds, 'x1'), named(feeds, 'noise'), t);
    const target = this.method.target(state, stage, xt, feeds, condition);
    const { loss, gradients } = lossAndGradients(under(state, 'student'), (student) =>
      this.method.loss(student, xt, t, target, condition),
    );
    const { optimizer } = this.recipe;
    const { next, gradientNorm } = updateRole(optimizer, 'student', state, gradients, named(feeds, 'adam'));
    const metrics = { loss, gradient_norm: gradientNorm, ...sampleStatistics(target) };
    return { outputs: packScalars(metrics), next };
  }
}
