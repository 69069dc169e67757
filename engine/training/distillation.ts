/** What every way of distilling offers to the loop, the sampler and the windows. */
import type { Recipe } from '../contract/recipe.ts';
import type { ImageStatistics } from '../distillation/regularizers/meanVariance.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import type { NamedTensors, ResidentState } from '../tensor/residentState.ts';
import type { StepMode } from '../tensor/step.ts';
import type { BatchSource, ConditionSource } from './sources.ts';

/** Metrics of one iteration by name, see engine/distillation/diagnostics.ts; not finite where withheld. */
export type DistillationMetrics = Record<string, number>;

export interface Distillation {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** `teacher.` is frozen; `student.`, `studentAdam.` and what else the method trains make a checkpoint. */
  readonly state: ResidentState;
  /** Whether the state has a `fake.` model. */
  readonly usesFake: boolean;
  /** One iteration; `iteration` counts from 0 and fixes every draw. */
  iterate(iteration: number): Promise<DistillationMetrics>;
  /** Told when the state was replaced by that after so many iterations. */
  restored?(iterations: number): void;
  /** The student's weights by the names of its model, averaged or as they stand. The caller disposes them. */
  studentWeights(which?: 'averaged' | 'current'): NamedTensors;
  dispose(): void;
}

export interface DistillationParts {
  readonly denoiser: Denoiser;
  readonly recipe: Recipe;
  /** Stays the caller's. */
  readonly teacher: NamedTensors;
  /** The data's, for the mean–variance regulariser. */
  readonly statistics: ImageStatistics;
  readonly conditions: ConditionSource;
  readonly batches: BatchSource;
  readonly mode?: StepMode;
}
