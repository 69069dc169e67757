/** Gradients by parameter name. */
import type { NamedTensors } from '../tensor/residentState.ts';
import { valueAndGrads, type Scalar } from '../tensor/tf.ts';

/** The loss and its gradient for each of the parameters. */
export function lossAndGradients(
  parameters: NamedTensors,
  loss: (parameters: NamedTensors) => Scalar,
): { loss: Scalar; gradients: NamedTensors } {
  const names = Object.keys(parameters);
  const named = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(values.map((value, i) => [names[i] ?? '', value]));
  const { value, grads } = valueAndGrads((...values) => loss(named(values)))(Object.values(parameters));
  return { loss: value, gradients: named(grads) };
}
