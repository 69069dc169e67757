/** Disk is the truth: brings the database's rows in line with the runs and checkpoints that lie in the data folder. */

import { join } from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { listCheckpoints, type Quarantined } from '../../engine/training/checkpointFolder.ts';
import { diskFileSystem } from '../../engine/training/fileSystem.ts';
import { forgetCheckpoints, listRunCheckpoints, recordCheckpoint } from './checkpoints.ts';
import { runFolder } from './dataFolder.ts';
import type { Store } from './database.ts';
import { readRunFile } from './runFile.ts';
import { listRuns } from './runs.ts';

/** What start-up found changed; to be shown to the user where anything is not empty. */
export interface Reindexed {
  /** Ids of runs that only the disk knew; they come back as paused. */
  readonly recoveredRuns: string[];
  /** Ids of checkpoints whose rows were missing, and of rows whose checkpoints are gone. */
  readonly addedCheckpoints: string[];
  readonly removedCheckpoints: string[];
  /** Checkpoints that failed their checks and were moved aside. */
  readonly quarantined: Quarantined[];
  /** Run folders that could not be understood; they are left as they are. */
  readonly unreadable: { readonly folder: string; readonly reason: string }[];
}

/** To be called at start-up, before the engine is. */
export async function reindex(store: Store): Promise<Reindexed> {
  const found: Reindexed = {
    recoveredRuns: [],
    addedCheckpoints: [],
    removedCheckpoints: [],
    quarantined: [],
    unreadable: [],
  };
  await recoverRuns(store, found);
  for (const { id } of await listRuns(store)) await reindexRun(store, id, found);
  return found;
}

async function recoverRuns(store: Store, found: Reindexed): Promise<void> {
  // Those in the trash too, whose folders may not have been moved yet.
  const known = new Set((await store.database.selectFrom('runs').select('id').execute()).map(({ id }) => id));
  // Sorted by time, as their ids are: a fork comes after its parent.
  for (const id of (await diskFileSystem.list(join(store.data, 'runs'))).sort()) {
    if (known.has(id)) continue;
    const folder = runFolder(store.data, id);
    try {
      if (await recoverRun(store, id)) found.recoveredRuns.push(id);
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      found.unreadable.push({ folder, reason: error.message });
    }
  }
}

async function recoverRun(store: Store, id: string): Promise<boolean> {
  const file = await readRunFile(runFolder(store.data, id));
  if (file === undefined) return false;
  const { projectId, projectName, name, recipe, parentRunId, parentStep, createdAt } = file;
  if (file.id !== id)
    throw new StudioError('file-invalid', `The folder of the run “${name}” was renamed to ${id}.`);
  await store.database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('projects')
      .values({ id: projectId, name: projectName, createdAt, updatedAt: createdAt })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const parent =
      parentRunId === null ? undefined : transaction.selectFrom('runs').where('id', '=', parentRunId);
    const parentExists = (await parent?.select('id').executeTakeFirst()) !== undefined;
    await transaction
      .insertInto('runs')
      .values({
        ...{ id, projectId, name, parentStep, createdAt, updatedAt: createdAt },
        status: 'paused',
        recipe: JSON.stringify(recipe),
        parentRunId: parentExists ? parentRunId : null,
        error: null,
      })
      .execute();
  });
  return true;
}

async function reindexRun(store: Store, runId: string, found: Reindexed): Promise<void> {
  const { checkpoints, quarantined } = await listCheckpoints(runFolder(store.data, runId));
  found.quarantined.push(...quarantined);
  const onDisk = new Set(checkpoints.map(({ id }) => id));
  const indexed = new Set((await listRunCheckpoints(store, runId)).map(({ id }) => id));
  for (const checkpoint of checkpoints) {
    if (indexed.has(checkpoint.id)) continue;
    await recordCheckpoint(store, runId, checkpoint);
    found.addedCheckpoints.push(checkpoint.id);
  }
  const gone = [...indexed].filter((id) => !onDisk.has(id));
  await forgetCheckpoints(store, gone);
  found.removedCheckpoints.push(...gone);
}
