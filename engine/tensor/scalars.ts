/** Numbers that steps report about themselves: one output a step, and one transfer for several steps. */
import type { NamedTensors } from './residentState.ts';
import { concat, stack, tidy, type Scalar, type Tensor1D } from './tf.ts';

/** Between the scalars' names, in their output's. */
const SEPARATOR = ' ';

/** Scalars as one output, whose name lists theirs. */
export const packScalars = (scalars: Readonly<Record<string, Scalar>>): NamedTensors => ({
  [Object.keys(scalars).join(SEPARATOR)]: stack(Object.values(scalars)),
});

/** The scalars that each step packed, by name; the outputs stay the caller's. */
export async function readScalars(steps: readonly NamedTensors[]): Promise<Record<string, number>[]> {
  const all = tidy(() => concat(steps.flatMap((outputs) => Object.values(outputs) as Tensor1D[])));
  const values = await all.data();
  all.dispose();
  let at = 0;
  return steps.map((outputs) => {
    const names = Object.keys(outputs).flatMap((name) => name.split(SEPARATOR));
    return Object.fromEntries(names.map((name) => [name, values[at++] ?? NaN]));
  });
}
