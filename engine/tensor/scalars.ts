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
  const values = await all.data<'float32'>();
  dispose([all, steps]);
  let read = 0;
  return steps.map((outputs) => {
    const names = namesOf(outputs);
    read += names.length;
    return byName(names, values.subarray(read - names.length, read));
  });
}

function readNow(outputs: NamedTensors): Record<string, number> {
  const values = tensorsOf(outputs).flatMap((tensor) => [...tensor.dataSync()]);
  dispose(outputs);
  return byName(namesOf(outputs), values);
}

const tensorsOf = (outputs: NamedTensors): Tensor1D[] => Object.values(outputs) as Tensor1D[];

const namesOf = (outputs: NamedTensors): string[] =>
  Object.keys(outputs).flatMap((name) => name.split(SEPARATOR));

const byName = (names: readonly string[], values: ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN]));
