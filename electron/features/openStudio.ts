/** Opens the data folder and brings its index in line with the disk; what had to be repaired is told. */
import { openStore, type Store } from '../store/database.ts';
import { createProject, listProjects } from '../store/projects.ts';
import { reindex } from '../store/reindex.ts';
import { pauseInterruptedRuns } from '../store/runs.ts';
import type { Reporter } from '../terminal/reporter.ts';
import { settleIncoming } from './projectFile/incoming.ts';

export async function openStudio(folder: string, reporter: Pick<Reporter, 'note'>): Promise<Store> {
  const store = await openStore(folder);
  if (store.recovery)
    reporter.note('The database was damaged and has been restored from its backup.', 'warning');
  await settleIncoming(store);
  await pauseInterruptedRuns(store);
  const { quarantined, unreadable } = await reindex(store);
  for (const { folder: bad, reason } of quarantined)
    reporter.note(`A checkpoint was set aside: ${bad} (${reason})`, 'warning');
  for (const bad of unreadable) reporter.note(`A run cannot be read: ${JSON.stringify(bad)}`, 'warning');
  return store;
}

/** The project of that name, made if need be. */
export async function projectNamed(store: Store, name: string) {
  return (await listProjects(store)).find((project) => project.name === name) ?? createProject(store, name);
}
