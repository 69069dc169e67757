/** Numbers that steps report about themselves: one output a step, and one transfer for several steps. */
import { nativeKernels, type NamedTensors } from './residentState.ts';
import { concat, stack, tidy, type Scalar, type Tensor1D } from './tf.ts';

/** Between the scalars' names, in their output's. */
const SEPARATOR = ' ';

/** Scalars as one output, whose name lists theirs. */
export const packScalars = (scalars: Readonly<Record<string, Scalar>>): NamedTensors => ({
  [Object.keys(scalars).join(SEPARATOR)]: stack(Object.values(scalars)),
});

/** The scalars that each step packed, by name; the outputs stay the caller's. */
export async function readScalars(steps: readonly NamedTensors[]): Promise<Record<string, number>[]> {
  const values = await readTogether(steps.flatMap((outputs) => Object.values(outputs) as Tensor1D[]));
  let at = 0;
  return steps.map((outputs) => {
    const names = Object.keys(outputs).flatMap((name) => name.split(SEPARATOR));
    return Object.fromEntries(names.map((name) => [name, values[at++] ?? NaN]));
  });
}

/** TensorFlow's tensors are read one by one in less time than joining them takes; elsewhere each read waits for the device. */
async function readTogether(tensors: readonly Tensor1D[]): Promise<number[]> {
  if (nativeKernels()) return tensors.flatMap((tensor) => [...tensor.dataSync()]);
  const all = tidy(() => concat([...tensors]));
  const values = await all.data();
  all.dispose();
  return [...values];
}
