/** How a student makes a sample, and which part of its training it is in: both follow from recipe and iteration. */
import type { Recipe } from './recipe.ts';
import { timestepGrid } from './timesteps.ts';

/** re-noise: predict x1 and re-noise it to the next time; ode: one Euler step along its own velocity. */
export const studentSolvers = ['re-noise', 'ode'] as const;
export type StudentSolver = (typeof studentSolvers)[number];

export interface StudentSampling {
  /** The student's times, noise first. */
  readonly times: readonly number[];
  readonly solver: StudentSolver;
}

/** A stage of progressive distillation. */
export interface Stage {
  /** Counted from 0. */
  readonly index: number;
  readonly firstIteration: number;
  readonly iterations: number;
  /** Of its student; its teacher takes twice as many. */
  readonly steps: number;
}

type StageSettings = Pick<Recipe, 'student' | 'progressive' | 'training'>;

/** The first iteration of each of so many equally long parts of a training. */
const equalParts = (iterations: number, parts: number): number[] =>
  Array.from({ length: parts }, (_, index) => Math.round((index * iterations) / parts));

const partOf = (starts: readonly number[], iteration: number): number =>
  Math.max(
    0,
    starts.findLastIndex((first) => first <= iteration),
  );

/**
 * The first iteration of each stage or phase of a training. Only in the last is the student whole: before, it takes
 * other steps, or its later experts are the teacher still.
 */
export function trainingParts({ method, training, progressive, phased }: Recipe): number[] {
  switch (method) {
    case 'progressive':
      return equalParts(training.iterations, progressive.stages);
    case 'phased':
      return equalParts(training.iterations, phased.phases);
    case 'decoupled-dmd':
    case 'consistency':
      return [0];
  }
}

/** The iteration from which on a student is whole. */
export const wholeFrom = (recipe: Recipe): number => trainingParts(recipe).at(-1) ?? 0;

/** The stage that iteration `iteration`, counted from 0, is part of; all are equally long. */
export function stageAt({ student, progressive, training }: StageSettings, iteration: number): Stage {
  const { stages } = progressive;
  const starts = equalParts(training.iterations, stages);
  const index = partOf(starts, iteration);
  const firstIteration = starts[index] ?? 0;
  return {
    ...{ index, firstIteration },
    iterations: (starts[index + 1] ?? training.iterations) - firstIteration,
    steps: student.steps * 2 ** (stages - 1 - index),
  };
}

/** A phase of Phased DMD. */
export interface Phase {
  /** Counted from 0. */
  readonly index: number;
  readonly firstIteration: number;
  /** Of the student's steps: the first, and the one after the last. */
  readonly steps: readonly [number, number];
  /** The time at which its steps end; 1 is data. */
  readonly end: number;
}

type PhaseSettings = Pick<Recipe, 'student' | 'phased' | 'training'>;

/** The first step of each phase. */
export const phaseStarts = ({ student, phased }: Pick<PhaseSettings, 'student' | 'phased'>): number[] =>
  Array.from({ length: phased.phases }, (_, index) => Math.round((index * student.steps) / phased.phases));

/** The phase that iteration `iteration`, counted from 0, trains; all last equally long. */
export function phaseAt(recipe: PhaseSettings, iteration: number): Phase {
  const { student, phased, training } = recipe;
  const firsts = equalParts(training.iterations, phased.phases);
  const index = partOf(firsts, iteration);
  const starts = phaseStarts(recipe);
  const [from, to] = [starts[index] ?? 0, starts[index + 1] ?? student.steps];
  const end = timestepGrid(student.steps, student.shift)[to] ?? 1;
  return { index, firstIteration: firsts[index] ?? 0, steps: [from, to], end };
}

/** What a run's stages or phases follow from; going on from a checkpoint with other values would move them. */
export function divisionOf({ method, student, training, progressive, phased }: Recipe): readonly unknown[] {
  const common = [method, training.iterations, student.steps, student.shift];
  switch (method) {
    case 'progressive':
      return [...common, progressive.stages];
    case 'phased':
      return [...common, phased.phases, phased.experts];
    case 'decoupled-dmd':
    case 'consistency':
      return [];
  }
}

/** The times from which each expert of a student answers; one network needs none. */
export function expertStarts(recipe: Pick<Recipe, 'method' | 'student' | 'phased'>): number[] {
  if (recipe.method !== 'phased' || recipe.phased.experts === 'one') return [];
  const times = timestepGrid(recipe.student.steps, recipe.student.shift);
  return phaseStarts(recipe).map((start) => times[start] ?? 0);
}

/** How the student samples after so many iterations. */
export function studentSampling(recipe: Recipe, iterations: number): StudentSampling {
  const { steps, shift } = recipe.student;
  switch (recipe.method) {
    case 'decoupled-dmd':
    case 'consistency':
      return { times: timestepGrid(steps, shift), solver: 're-noise' };
    case 'phased':
      return { times: timestepGrid(steps, shift), solver: 'ode' };
    case 'progressive': {
      const stage = stageAt(recipe, Math.max(0, iterations - 1));
      return { times: timestepGrid(stage.steps, shift), solver: 'ode' };
    }
  }
}
