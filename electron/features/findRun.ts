/** Which run a person means: by its id, the start of it, or its name. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Store } from '../store/database.ts';
import { listRuns, type Run } from '../store/runs.ts';

/** @throws StudioError 'not-found' for no run, 'input-invalid' for more than one. */
export async function findRun(store: Store, wanted: string): Promise<Run> {
  const runs = await listRuns(store);
  const exact = runs.find(({ id }) => id === wanted);
  const found = exact ? [exact] : runs.filter(({ id, name }) => name === wanted || id.startsWith(wanted));
  const [run, another] = wanted === '' ? [] : found;
  if (run && !another) return run;
  if (!run)
    throw new StudioError(
      'not-found',
      `There is no run “${wanted}” in ${store.data}.`,
      'Name a run by its id, the start of its id, or its name.',
    );
  throw new StudioError(
    'input-invalid',
    `“${wanted}” may mean ${found.length} runs: ${found.map(({ id }) => id).join(', ')}.`,
    'Name one of them by its id.',
  );
}
