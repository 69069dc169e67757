/**
 * The trash: what was thrown away together is one entry. Rows stay in their tables, named by `trashed`; folders of runs
 * and picture sets move to `trash/` of the data folder. The row comes first, so that a crash in between loses nothing.
 */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import { diskFileSystem, hasCode } from '../../engine/training/fileSystem.ts';
import { runFolder } from './dataFolder.ts';
import { dataSetFolder, getDataSet } from './dataSets.ts';
import type { Store } from './database.ts';
import { itemFile } from './galleryItems.ts';
import { getProject } from './projects.ts';
import { getRun, listRuns, type Run } from './runs.ts';
import type { Tables } from './tables.ts';

export const trashFolder = (data: string): string => join(data, 'trash');

/** Returns the entry's id. Throws StudioError 'not-found', or 'busy' while the run trains. */
export async function discardRun(store: Store, id: string): Promise<string> {
  const run = await getRun(store, id);
  refuseRunning([run]);
  const trashId = await addEntry(store, 'run', run.name, [id]);
  await moveFolders(store, [id]);
  return trashId;
}

/** Takes the project away with all its runs. Throws 'not-found', or 'busy' while one of them trains. */
export async function discardProject(store: Store, id: string): Promise<string> {
  const { name } = await getProject(store, id);
  const runs = await listRuns(store, id);
  refuseRunning(runs);
  const runIds = runs.map((run) => run.id);
  const trashId = await addEntry(store, 'project', name, [id, ...runIds]);
  await moveFolders(store, runIds);
  return trashId;
}

/** Takes pictures of the gallery away. Throws 'not-found' where none of them is there. */
export async function discardItems(store: Store, ids: readonly string[]): Promise<string> {
  const known = await store.database
    .selectFrom('galleryItems')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .where('id', 'not in', store.database.selectFrom('trashed').select('trashed.id'))
    .execute();
  if (known.length === 0) throw new StudioError('not-found', 'These pictures do not exist any more.');
  const names = [...new Set(known.map(({ name }) => name))].join(', ');
  return addEntry(
    store,
    'pictures',
    names,
    known.map(({ id }) => id),
  );
}

/** Takes a picture set away: a copy of ours with its files, of a person's own files only what is known of them. */
export async function discardDataSet(store: Store, id: string): Promise<string> {
  const { name, isCopy } = await getDataSet(store, id);
  const trashId = await addEntry(store, 'data', name, [id]);
  if (isCopy) await moveAway(store, dataSetFolder(store.data, id), id);
  return trashId;
}

/** Brings an entry back as it was. Throws 'not-found', or 'busy' where what it belongs to is in the trash itself. */
export async function restore(store: Store, trashId: string): Promise<void> {
  const ids = await idsOf(store, trashId);
  if (ids.length === 0) throw new StudioError('not-found', 'This is not in the trash any more.');
  const { database } = store;
  const runs = await database.selectFrom('runs').select(['id', 'projectId']).where('id', 'in', ids).execute();
  const items = await database
    .selectFrom('galleryItems')
    .select('projectId')
    .where('id', 'in', ids)
    .execute();
  for (const projectId of new Set([...runs, ...items].map((row) => row.projectId)))
    if (!ids.includes(projectId)) await requireProject(store, projectId);
  const sets = await database.selectFrom('datasets').select('id').where('id', 'in', ids).execute();
  const moveBack = (id: string, to: string) => move(join(trashFolder(store.data), id), to);
  for (const { id } of runs) await moveBack(id, runFolder(store.data, id));
  for (const { id } of sets) await moveBack(id, dataSetFolder(store.data, id));
  await database.deleteFrom('trash').where('id', '=', trashId).execute();
}

/** Deletes all that is in the trash for good: first the rows, then the files that nothing names any more. */
export async function emptyTrash(store: Store): Promise<void> {
  const { database } = store;
  const rows = await database.selectFrom('trashed').select('id').execute();
  const ids = rows.map(({ id }) => id);
  await database.transaction().execute(async (transaction) => {
    const trashed = transaction.selectFrom('trashed').select('trashed.id');
    for (const table of ['galleryItems', 'runs', 'projects', 'datasets'] as const)
      await transaction.deleteFrom(table).where('id', 'in', trashed).execute();
    await transaction.deleteFrom('trash').execute();
  });
  await rm(trashFolder(store.data), { recursive: true, force: true });
  for (const id of ids) await rm(itemFile(store.data, id), { force: true });
}

export async function listTrash(store: Store): Promise<(Tables['trash'] & { readonly ids: string[] })[]> {
  const entries = await store.database.selectFrom('trash').selectAll().orderBy('id', 'desc').execute();
  return Promise.all(entries.map(async (entry) => ({ ...entry, ids: await idsOf(store, entry.id) })));
}

async function idsOf({ database }: Store, trashId: string): Promise<string[]> {
  const rows = await database.selectFrom('trashed').select('id').where('trashId', '=', trashId).execute();
  return rows.map(({ id }) => id);
}

async function addEntry(
  { database }: Store,
  kind: Tables['trash']['kind'],
  name: string,
  ids: readonly string[],
): Promise<string> {
  const id = newId();
  await database.transaction().execute(async (transaction) => {
    const discardedAt = new Date().toISOString();
    await transaction.insertInto('trash').values({ id, kind, name, discardedAt }).execute();
    for (const member of ids)
      await transaction.insertInto('trashed').values({ id: member, trashId: id }).execute();
  });
  return id;
}

async function moveFolders(store: Store, runIds: readonly string[]): Promise<void> {
  for (const id of runIds) await moveAway(store, runFolder(store.data, id), id);
}

async function moveAway(store: Store, folder: string, id: string): Promise<void> {
  await diskFileSystem.makeFolder(trashFolder(store.data));
  await move(folder, join(trashFolder(store.data), id));
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error; // what has no folder, e.g. a set of a person's own files, has nothing to keep
  }
}

async function requireProject(store: Store, projectId: string): Promise<void> {
  await getProject(store, projectId).catch((cause: unknown) => {
    throw new StudioError(
      'busy',
      'The project of this is in the trash too; nothing was changed.',
      'Bring the project back first.',
      { cause },
    );
  });
}

function refuseRunning(runs: readonly Run[]): void {
  const running = runs.find(({ status }) => status === 'running');
  if (running !== undefined)
    throw new StudioError('busy', `The run “${running.name}” is training.`, 'Pause it first.');
}
