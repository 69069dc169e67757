/** Several evaluations of one network: as one batch, or side by side. */
import { joinConditions, type Condition } from '../model/network.ts';
import { isNativeProcessor, type NamedTensors } from '../tensor/residentState.ts';
import { concat, split, type Tensor, type Tensor1D } from '../tensor/tf.ts';
import { predictX1, type Denoiser } from './preconditioning.ts';

export interface Pass {
  /** (B, …) */
  readonly xt: Tensor;
  /** (B) */
  readonly t: Tensor1D;
  readonly condition: Condition;
}

/**
 * The x1-prediction of each pass, in order; all passes have the same batch size. They are joined, but where TensorFlow
 * computes on the processor: there lanes run them side by side, and shares of a program take a sample through all of
 * them.
 */
export function predictTogether(
  denoiser: Denoiser,
  parameters: NamedTensors,
  passes: readonly Pass[],
): Tensor[] {
  if (isNativeProcessor() || passes.length < 2) {
    return passes.map(({ xt, t, condition }) => predictX1(denoiser, parameters, xt, t, condition));
  }
  const x1 = predictX1(
    denoiser,
    parameters,
    concat(passes.map((pass) => pass.xt)),
    concat(passes.map((pass) => pass.t)),
    joinConditions(passes.map((pass) => pass.condition)),
  );
  return split(x1, passes.length, 0);
}
