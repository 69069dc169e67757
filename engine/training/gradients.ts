/** Gradients by parameter name. */
import type { NamedTensors } from '../tensor/residentState.ts';
import { keep, valueAndGrads, type Scalar } from '../tensor/tf.ts';

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

/** The same, with numbers met on the way, which carry no gradient. */
export function lossGradientsAndMetrics(
  parameters: NamedTensors,
  loss: (parameters: NamedTensors) => { loss: Scalar; metrics: Readonly<Record<string, Scalar>> },
): { gradients: NamedTensors; metrics: Record<string, Scalar> } {
  let kept: [string, Scalar][] = [];
  const { gradients } = lossAndGradients(parameters, (values) => {
    const result = loss(values);
    // Taking gradients disposes everything else that was made on the way.
    kept = Object.entries(result.metrics).map(([name, value]) => [name, keep(value)]);
    return result.loss;
  });
  const metrics = kept.map(([name, value]) => {
    const copy: Scalar = value.clone();
    value.dispose();
    return [name, copy] as const;
  });
  return { gradients, metrics: Object.fromEntries(metrics) };
}
