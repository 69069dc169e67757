/** Numbers that steps report about themselves: one output a step, and one transfer for several steps. */
import { nativeKernels, type NamedTensors } from './residentState.ts';
import { concat, dispose, stack, tidy, type Scalar, type Tensor1D } from './tf.ts';

/** Between the scalars' names, in their output's. */
const SEPARATOR = ' ';

/** Scalars as one output, whose name lists theirs. */
export const packScalars = (scalars: Readonly<Record<string, Scalar>>): NamedTensors => ({
  [Object.keys(scalars).join(SEPARATOR)]: stack(Object.values(scalars)),
});

/** Ends steps that were begun, one after the other, and gives the scalars that each packed, by name. */
export async function readScalars(ends: readonly (() => NamedTensors)[]): Promise<Record<string, number>[]> {
  // TensorFlow's tensors are read one by one, while the next step runs; elsewhere each read waits for the device.
  if (nativeKernels()) return ends.map((end) => readNow(end()));
  const steps = ends.map((end) => end());
  const all = tidy(() => concat(steps.flatMap(tensorsOf)));
  const values = [...(await all.data())];
  dispose([all, steps]);
  return steps.map((outputs) => byName(outputs, values));
}

function readNow(outputs: NamedTensors): Record<string, number> {
  const values = tensorsOf(outputs).flatMap((tensor) => [...tensor.dataSync()]);
  dispose(outputs);
  return byName(outputs, values);
}

const tensorsOf = (outputs: NamedTensors): Tensor1D[] => Object.values(outputs) as Tensor1D[];

/** Takes what it names from the beginning of `values`. */
function byName(outputs: NamedTensors, values: number[]): Record<string, number> {
  const names = Object.keys(outputs).flatMap((name) => name.split(SEPARATOR));
  return Object.fromEntries(names.map((name) => [name, values.shift() ?? NaN]));
}
