/** The student's sampler: predict x1, re-noise it to the next of the student's few times, repeat. */
import { interpolate } from '../flow/path.ts';
import { predictX1, type Denoiser } from '../flow/preconditioning.ts';
import { timestepGrid } from '../flow/timesteps.ts';
import type { Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import type { Tensor, Tensor1D } from '../tensor/tf.ts';

/** The student's times {t1 … tN}, noise first: t1 = 0. */
export const studentTimesteps = (steps: number, shift: number): number[] => timestepGrid(steps, shift);

/** z' = next·G(z, t, c) + (1 − next)·noise; next = 1 gives the sample itself. */
export function fewStep(
  denoiser: Denoiser,
  parameters: NamedTensors,
  z: Tensor,
  t: Tensor1D,
  next: Tensor1D,
  noise: Tensor,
  condition: Condition,
): Tensor {
  return interpolate(predictX1(denoiser, parameters, z, t, condition), noise, next);
}
