/** Taking runs and projects away: their rows go, their folders are kept in `trash/` of the data folder. */

import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { diskFileSystem, hasCode } from '../../engine/training/fileSystem.ts';
import { runFolder } from './dataFolder.ts';
import type { Store } from './database.ts';
import { getProject } from './projects.ts';
import { getRun, listRuns, type Run } from './runs.ts';

/** Throws StudioError 'not-found', or 'busy' while the run trains. */
export async function discardRun(store: Store, id: string): Promise<void> {
  refuseRunning([await getRun(store, id)]);
  const trash = join(store.data, 'trash');
  await diskFileSystem.makeFolder(trash);
  try {
    await rename(runFolder(store.data, id), join(trash, id));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error; // a run without a folder has nothing to keep
  }
  await store.database.deleteFrom('runs').where('id', '=', id).execute();
}

/** Takes the project away with all its runs. Throws 'not-found', or 'busy' while one of them trains. */
export async function discardProject(store: Store, id: string): Promise<void> {
  await getProject(store, id);
  const runs = await listRuns(store, id);
  refuseRunning(runs);
  for (const run of runs) await discardRun(store, run.id);
  await store.database.deleteFrom('projects').where('id', '=', id).execute();
}

function refuseRunning(runs: readonly Run[]): void {
  const running = runs.find(({ status }) => status === 'running');
  if (running !== undefined)
    throw new StudioError('busy', `The run “${running.name}” is training.`, 'Pause it first.');
}
