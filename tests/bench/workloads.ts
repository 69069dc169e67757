/** What is measured: whole training iterations, described so that another process or language can run the same. */
import { parseRecipe, type Recipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe, type TeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { NetworkConfig } from '../../engine/model/registry.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import { distillationFlops, simulatedSteps, teacherFlops } from './flops.ts';
import { sizes, type SizeName } from './sizes.ts';

/** What our captured steps can compute in. */
export const precisions = ['float32', 'bfloat16', 'float16'] as const;
export type Precision = (typeof precisions)[number];
/** What PyTorch is compared in. */
export const comparedPrecisions: readonly Precision[] = ['float32', 'bfloat16'];

interface CommonWorkload {
  readonly name: string;
  readonly size: SizeName;
  readonly network: NetworkConfig;
  readonly batch: number;
  readonly precision: Precision;
}

export interface TeacherWorkload extends CommonWorkload {
  readonly kind: 'teacher';
  readonly recipe: TeacherRecipe;
}

export interface StudentWorkload extends CommonWorkload {
  readonly kind: 'student';
  readonly recipe: Recipe;
}

export type Workload = TeacherWorkload | StudentWorkload;

/** An iteration's number, which fixes its draws, and the steps that its backward simulations were drawn to run. */
export interface Iteration {
  readonly number: number;
  readonly simulated: readonly number[];
}

export const SEED = 1;

/** What every kind of workload of one size, batch and precision is called and shaped by. */
export interface Shape {
  readonly size: SizeName;
  /** The size's own by default. */
  readonly batch?: number;
  readonly precision?: Precision;
}

export function teacherWorkload(shape: Shape): TeacherWorkload {
  const common = describe(shape, 'teacher');
  const recipe = parseTeacherRecipe({ seed: SEED, training: trainingOf(common) });
  return { ...common, kind: 'teacher', recipe };
}

/** The distillation of a student of so many steps on the hybrid schedule. */
export function studentWorkload(shape: Shape, steps: number): StudentWorkload {
  const common = describe(shape, `student, ${steps} step${steps === 1 ? '' : 's'}`);
  const recipe = parseRecipe({ seed: SEED, student: { steps }, training: trainingOf(common) });
  return { ...common, kind: 'student', recipe };
}

/** A teacher update and distillation iterations to a student of one and of four steps. */
export const workloadsOf = (shape: Shape): Workload[] => [
  teacherWorkload(shape),
  studentWorkload(shape, 1),
  studentWorkload(shape, 4),
];

function describe({ size, batch, precision = 'float32' }: Shape, what: string): CommonWorkload {
  const model = sizes[size];
  const suffix = precision === 'float32' ? '' : `, ${precision}`;
  return {
    name: `${size} ${what}${suffix}`,
    size,
    network: model.network,
    batch: batch ?? model.batch,
    precision,
  };
}

const trainingOf = ({ batch, precision }: CommonWorkload) => ({
  batch,
  ...(precision !== 'float32' && { precision }),
});

/** Of the matrix products of that iteration. */
export function flopsOf(workload: Workload, iteration: number): number {
  return workload.kind === 'teacher'
    ? teacherFlops(workload.network, workload.batch)
    : distillationFlops(workload.network, workload.recipe, iteration);
}

/** The first `count` iterations; every run repeats them, so that all run the same passes. */
export const firstIterations = (workload: Workload, count: number): Iteration[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    simulated: workload.kind === 'student' ? simulatedSteps(workload.recipe, number) : [],
  }));

/** Iterations that make a fair mean: a student of several steps draws how many it simulates. */
export const fairCount = (workload: Workload): number =>
  workload.kind === 'student' ? workload.recipe.student.steps : 1;

/** Sets of numbers that training holds, each as large as the weights: roles, averages and Adam's moments. */
export const stateCopies: Readonly<Record<Workload['kind'], number>> = { teacher: 4, student: 8 };

/** Workers run eagerly where asked; everything else about a run is the workload's. */
export interface Variant {
  readonly workload: Workload;
  readonly mode: StepMode;
}
