/** The flags that `sample` and `compare` share: which noise, and how a teacher is sampled. */
import { StudioError } from '../../engine/contract/errors.ts';
import { solvers, type TeacherSampling } from '../../engine/sampling/sampler.ts';
import { wholeNumber } from './command.ts';

export type SamplingFlags = Partial<Record<'steps' | 'guidance' | 'solver', string>>;

export const seedOf = ({ seed }: { readonly seed?: string }): number =>
  wholeNumber('seed', seed, 1, [0, 0x7fffffff]);

/** @throws StudioError 'input-invalid' that names the flag. */
export function teacherSampling(flags: SamplingFlags): Required<Omit<TeacherSampling, 'shift'>> {
  const steps = wholeNumber('steps', flags.steps, 50, [1, 1000]);
  const guidance = Number(flags.guidance ?? 2.5);
  if (!(guidance >= 1 && guidance <= 30)) throw refused('guidance', 'a number from 1 to 30');
  const solver = solvers.find((name) => name === (flags.solver ?? 'euler'));
  if (!solver) throw refused('solver', solvers.join(' or '));
  return { steps, guidance, solver };
}

function refused(field: string, allowed: string): StudioError {
  return new StudioError('input-invalid', `--${field} must be ${allowed}.`, 'Nothing was sampled.', {
    field,
  });
}
