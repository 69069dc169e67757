/** The trainer of each method. */
import type { Distillation, DistillationParts } from './distillation.ts';
import { DistillationTrainer } from './distillationTrainer.ts';
import { PhasedTrainer } from './phasedTrainer.ts';
import { consistencyMethod, progressiveMethod } from './trajectoryMethods.ts';
import { TrajectoryTrainer } from './trajectoryTrainer.ts';

export function createDistillation(parts: DistillationParts): Distillation {
  const { denoiser, recipe } = parts;
  switch (recipe.method) {
    case 'decoupled-dmd':
      return new DistillationTrainer(parts);
    case 'phased':
      return new PhasedTrainer(parts);
    case 'consistency':
      return new TrajectoryTrainer(parts, consistencyMethod(denoiser, recipe));
    case 'progressive':
      return new TrajectoryTrainer(parts, progressiveMethod(denoiser, recipe));
  }
}
