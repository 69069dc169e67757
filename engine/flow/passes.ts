/** Several evaluations of one network as one batch. */
import { joinConditions, type Condition } from '../model/network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { concat, split, type Tensor, type Tensor1D } from '../tensor/tf.ts';
import { predictX1, type Denoiser } from './preconditioning.ts';

export interface Pass {
  /** (B, …) */
  readonly xt: Tensor;
  /** (B) */
  readonly t: Tensor1D;
  readonly condition: Condition;
}

/** The x1-prediction of each pass, in order; all passes have the same batch size. */
export function predictTogether(
  denoiser: Denoiser,
  parameters: NamedTensors,
  passes: readonly Pass[],
): Tensor[] {
  const [only] = passes;
  if (!only) return [];
  if (passes.length === 1) return [predictX1(denoiser, parameters, only.xt, only.t, only.condition)];
  const x1 = predictX1(
    denoiser,
    parameters,
    concat(passes.map((pass) => pass.xt)),
    concat(passes.map((pass) => pass.t)),
    joinConditions(passes.map((pass) => pass.condition)),
  );
  return split(x1, passes.length, 0);
}
