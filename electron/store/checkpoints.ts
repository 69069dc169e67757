/** The index of checkpoints on disk, and what people chose about them: which are pinned, which is the best. */

import type { Checkpoint } from '../../engine/training/checkpointFolder.ts';
import { basename, join } from 'node:path';
import { diskFileSystem } from '../../engine/training/fileSystem.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { runFolder } from './dataFolder.ts';
import type { Store } from './database.ts';

export interface IndexedCheckpoint extends Checkpoint {
  readonly runId: string;
  readonly pinned: boolean;
  readonly best: boolean;
}

/** Adds a checkpoint once it is on disk; one already known keeps its pin. */
export async function recordCheckpoint(store: Store, runId: string, checkpoint: Checkpoint): Promise<void> {
  const { folder, ...described } = checkpoint;
  await store.database
    .insertInto('checkpoints')
    .values({ ...described, runId, folder: basename(folder), pinned: 0, best: 0 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Newest first. */
export async function listRunCheckpoints(store: Store, runId: string): Promise<IndexedCheckpoint[]> {
  const rows = await store.database
    .selectFrom('checkpoints')
    .selectAll()
    .where('runId', '=', runId)
    .orderBy('sequence', 'desc')
    .execute();
  const parent = join(runFolder(store.data, runId), 'checkpoints');
  return rows.map(({ pinned, best, folder, ...row }) => ({
    ...row,
    folder: join(parent, folder),
    pinned: pinned === 1,
    best: best === 1,
  }));
}

/** A pinned checkpoint is never pruned. Returns its run's id. Throws StudioError 'not-found'. */
export async function pinCheckpoint(store: Store, id: string, pinned: boolean): Promise<string> {
  const row = await store.database
    .updateTable('checkpoints')
    .set({ pinned: pinned ? 1 : 0 })
    .where('id', '=', id)
    .returning('runId')
    .executeTakeFirst();
  if (row) return row.runId;
  throw new StudioError('not-found', 'This checkpoint does not exist any more.');
}

/** Makes it the one best checkpoint of its run. */
export async function markBestCheckpoint(store: Store, runId: string, id: string): Promise<void> {
  await store.database
    .updateTable('checkpoints')
    .set((expression) => ({
      best: expression.case().when('id', '=', id).then<0 | 1>(1).else<0 | 1>(0).end(),
    }))
    .where('runId', '=', runId)
    .execute();
}

/** Forgets the run's checkpoints whose folders are gone; looks at names alone, since the engine may be saving. */
export async function forgetPruned(store: Store, runId: string): Promise<void> {
  const there = new Set(await diskFileSystem.list(join(runFolder(store.data, runId), 'checkpoints')));
  const known = await listRunCheckpoints(store, runId);
  const gone = known.filter(({ folder }) => !there.has(basename(folder)));
  await forgetCheckpoints(
    store,
    gone.map(({ id }) => id),
  );
}

/** Forgets checkpoints that are no longer on disk. */
export async function forgetCheckpoints(store: Store, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await store.database.deleteFrom('checkpoints').where('id', 'in', ids).execute();
}
