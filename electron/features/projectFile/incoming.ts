/**
 * The way of an unpacked project into the data folder. It is unpacked below `incoming/`, in a folder that gets the
 * project's id for its name once all of it is checked. Then the store gets its rows in one transaction: from that moment
 * the project is there, and its files are moved to their places, now or, after a crash, at the next start.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { diskFileSystem, hasCode } from '../../../engine/training/fileSystem.ts';
import type { Store } from '../../store/database.ts';

export const incomingFolder = (data: string): string => path.join(data, 'incoming');

/** Folders whose entries are moved one by one. */
const places = ['runs', 'gallery', 'datasets'] as const;

/** At start-up, before the disk is compared with the index: ends what was under way when the process ended. */
export async function settleIncoming(store: Store): Promise<void> {
  const folder = incomingFolder(store.data);
  for (const name of await diskFileSystem.list(folder)) {
    const project = await store.database
      .selectFrom('projects')
      .select('id')
      .where('id', '=', name)
      .executeTakeFirst();
    if (project) await settle(store, project.id);
    else await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Moves the files of a project whose rows are there to their places. */
export async function settle({ data }: Store, projectId: string): Promise<void> {
  const from = path.join(incomingFolder(data), projectId);
  for (const place of places) {
    const names = await readdir(path.join(from, place)).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    });
    if (names.length === 0) continue;
    await diskFileSystem.makeFolder(path.join(data, place));
    for (const name of names) await rename(path.join(from, place, name), path.join(data, place, name));
    await diskFileSystem.syncFolder(path.join(data, place));
  }
  await rm(from, { recursive: true, force: true });
}
