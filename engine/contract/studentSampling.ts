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

/** The stage that iteration `iteration`, counted from 0, is part of; all are equally long. */
export function stageAt({ student, progressive, training }: StageSettings, iteration: number): Stage {
  const { stages } = progressive;
  const start = (index: number) => Math.round((index * training.iterations) / stages);
  const starts = Array.from({ length: stages }, (_, index) => start(index));
  const index = Math.max(
    0,
    starts.findLastIndex((first) => first <= iteration),
  );
  return {
    index,
    firstIteration: start(index),
    iterations: start(index + 1) - start(index),
    steps: student.steps * 2 ** (stages - 1 - index),
  };
}

/** How the student samples after so many iterations. */
export function studentSampling(recipe: Recipe, iterations: number): StudentSampling {
  const { steps, shift } = recipe.student;
  if (recipe.method !== 'progressive') return { times: timestepGrid(steps, shift), solver: 're-noise' };
  const stage = stageAt(recipe, Math.max(0, iterations - 1));
  return { times: timestepGrid(stage.steps, shift), solver: 'ode' };
}
