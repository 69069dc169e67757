/** `--seeds 1,2,3`. */
import { StudioError } from '../../engine/contract/errors.ts';
import { sweepSchema } from '../../engine/contract/sweep.ts';

/** @throws StudioError 'input-invalid'. */
export function seedsOf(text = '1,2,3'): number[] {
  const seeds = text.split(',').map((word) => (word.trim() === '' ? NaN : Number(word)));
  if (sweepSchema.shape.seeds.safeParse(seeds).success) return seeds;
  throw new StudioError(
    'input-invalid',
    '--seeds must be different whole numbers from 0 on, separated by commas, 30 at most.',
    'Nothing was started.',
    { field: 'seeds' },
  );
}
