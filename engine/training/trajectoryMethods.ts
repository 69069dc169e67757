/** Consistency and progressive distillation as what `TrajectoryTrainer` repeats: draws, target, loss. */
import type { Recipe } from '../contract/recipe.ts';
import { stageAt } from '../contract/studentSampling.ts';
import { consistencyDistance, consistencyLevels, consistencyTarget } from '../distillation/consistency.ts';
import { progressiveTarget } from '../distillation/progressive.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { predictionLoss } from '../flow/predictionLoss.ts';
import type { Condition } from '../model/network.ts';
import { under } from '../model/parameters.ts';
import { randomIntegers } from '../tensor/random.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import type { Scalar, Tensor, Tensor1D } from '../tensor/tf.ts';
import { shiftTimestep } from '../flow/timesteps.ts';

/** Where an iteration is. */
export interface StageProgress {
  readonly index: number;
  /** Iterations of the stage before this one. */
  readonly done: number;
  /** Of the learning rate. */
  readonly rate: number;
}

/** What a student learns at x_t; the feeds hold its times (B) by the names that `draw` gave. */
export interface TrajectoryMethod {
  /** The student of a stage is the teacher of the next. */
  stage(iteration: number): StageProgress;
  /** Times of each sample by name; `t` is that of x_t. */
  draw(iteration: number, count: number): Record<string, Float32Array>;
  /** Weights that the target is made with, besides those of the student, by their prefix in the state. */
  roles(stage: number): readonly string[];
  /** (B, …) like x_t. */
  target(state: NamedTensors, stage: number, xt: Tensor, feeds: NamedTensors, condition: Condition): Tensor;
  loss(student: NamedTensors, xt: Tensor, t: Tensor1D, target: Tensor, condition: Condition): Scalar;
}

const time = (feeds: NamedTensors, name: string) => named(feeds, name) as Tensor1D;

export function consistencyMethod(denoiser: Denoiser, recipe: Recipe): TrajectoryMethod {
  const { levels, skip, solver, distance } = recipe.consistency;
  const times = consistencyLevels(levels, recipe.student.shift);
  return {
    stage: (iteration) => ({ index: 0, done: iteration, rate: recipe.optimizer.learningRate }),
    draw(iteration, count) {
      const key = { seed: recipe.seed, purpose: 'timestep', step: iteration } as const;
      const starts = randomIntegers(key, count, levels - skip + 1);
      return {
        t: Float32Array.from(starts, (n) => times[n] ?? 0),
        s: Float32Array.from(starts, (n) => times[n + skip] ?? 0),
      };
    },
    roles: () => ['teacher', 'studentAdam.ema'],
    target(state, _, xt, feeds, condition) {
      const weights = { teacher: under(state, 'teacher'), average: under(state, 'studentAdam.ema') };
      const [t, s] = [time(feeds, 't'), time(feeds, 's')];
      return consistencyTarget(denoiser, weights, solver, xt, t, s, condition, recipe.guidance.scale);
    },
    loss: (student, xt, t, target, condition) =>
      consistencyDistance(predictX1(denoiser, student, xt, t, condition), target, distance),
  };
}

export function progressiveMethod(denoiser: Denoiser, recipe: Recipe): TrajectoryMethod {
  const teacherOf = (stage: number) => (stage === 0 ? 'teacher' : 'stage');
  return {
    stage(iteration) {
      const { index, firstIteration, iterations } = stageAt(recipe, iteration);
      const done = iteration - firstIteration;
      // Salimans & Ho 2022, section 4: in every stage the rate falls linearly to zero.
      return { index, done, rate: recipe.optimizer.learningRate * (1 - done / iterations) };
    },
    draw(iteration, count) {
      const { steps } = stageAt(recipe, iteration);
      const key = { seed: recipe.seed, purpose: 'timestep', step: iteration } as const;
      const starts = randomIntegers(key, count, steps);
      const at = (part: number) =>
        Float32Array.from(starts, (n) => shiftTimestep((n + part) / steps, recipe.student.shift));
      return { t: at(0), by: at(0.5), to: at(1) };
    },
    roles: (stage) => [teacherOf(stage)],
    target(state, stage, xt, feeds, condition) {
      const times = { from: time(feeds, 't'), by: time(feeds, 'by'), to: time(feeds, 'to') };
      const scale = stage === 0 ? recipe.guidance.scale : undefined;
      return progressiveTarget(denoiser, under(state, teacherOf(stage)), xt, times, condition, scale);
    },
    loss: (student, xt, t, target, condition) => predictionLoss(denoiser, student, xt, t, target, condition),
  };
}
