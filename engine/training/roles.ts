/** The networks of a training within its state: weights under `student.`, moments and average under `studentAdam.` */
import { prefixed, under } from '../model/parameters.ts';
import type { NamedTensors, ResidentState } from '../tensor/residentState.ts';
import type { Tensor } from '../tensor/tf.ts';
import { adamW, type AdamWConfig, type AdamWUpdate } from './optimizers.ts';

export const optimizerOf = (role: string): string => `${role}Adam`;

/** The state's names under these prefixes. */
export const namesUnder = ({ names }: ResidentState, ...prefixes: readonly string[]): string[] =>
  names.filter((name) => prefixes.some((prefix) => name.startsWith(`${prefix}.`)));

/** The weights under the prefix, by the names of their model; the caller disposes them. */
export const readUnder = (state: ResidentState, prefix: string): NamedTensors =>
  under(state.read(namesUnder(state, prefix)), prefix);

/** The student's weights, averaged or as they stand; the caller disposes them. */
export const readStudent = (state: ResidentState, which: 'averaged' | 'current'): NamedTensors =>
  readUnder(state, which === 'averaged' ? `${optimizerOf('student')}.ema` : 'student');

/**
 * One AdamW update of a role, by the names of the state.
 *
 * @param schedule as by `adamFeed`.
 */
export function updateRole(
  config: AdamWConfig,
  role: string,
  state: NamedTensors,
  gradients: NamedTensors,
  schedule: Tensor,
): AdamWUpdate {
  const own = { ...under(state, role), ...under(state, optimizerOf(role)) };
  const { next, gradientNorm } = adamW(config, own, gradients, schedule);
  const entries = Object.entries(next);
  const weights = entries.filter(([name]) => name in gradients);
  const others = entries.filter(([name]) => !(name in gradients));
  return {
    gradientNorm,
    next: {
      ...prefixed(role, Object.fromEntries(weights)),
      ...prefixed(optimizerOf(role), Object.fromEntries(others)),
    },
  };
}
