/** In which order waiting runs come up: as people arranged them, and those that came later behind. */
import { z } from 'zod';
import { clusterRunIds } from './clusterTasks.ts';
import type { Store } from './database.ts';
import { keepPreference, readPreference } from './preferences.ts';
import { listRuns, type Run } from './runs.ts';

const name = 'queueOrder';

/** The next one first. */
export async function waitingRuns(store: Store): Promise<Run[]> {
  const order = (await readPreference(store, name, z.array(z.string()))) ?? [];
  const place = ({ id }: Run) => (order.includes(id) ? order.indexOf(id) : order.length);
  const elsewhere = await clusterRunIds(store);
  const oldestFirst = (await listRuns(store))
    .filter(({ id, status }) => status === 'queued' && !elsewhere.has(id))
    .reverse();
  return oldestFirst.sort((a, b) => place(a) - place(b));
}

/** Waiting runs that are not named come behind those that are; what does not wait any more is left out. */
export async function arrangeWaiting(store: Store, ids: readonly string[]): Promise<void> {
  const waiting = (await waitingRuns(store)).map(({ id }) => id);
  const named = [...new Set(ids)].filter((id) => waiting.includes(id));
  await keepPreference(store, name, [...named, ...waiting.filter((id) => !named.includes(id))]);
}

/** Behind all that waits now. */
export async function placeLast(store: Store, id: string): Promise<void> {
  const waiting = (await waitingRuns(store)).map((run) => run.id).filter((other) => other !== id);
  await keepPreference(store, name, [...waiting, id]);
}
