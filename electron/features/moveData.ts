/**
 * Moves the data folder: everything is copied beside its new place and read back, then the copy gets its name, and last
 * the note is written that says where the folder is. Until that moment the old one is in force, whatever happens; after
 * it the old one stays as it is until a person removes it.
 */
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { copyHashed, hashFile, type Watching } from '../../engine/contract/fileHash.ts';
import { diskFileSystem, hasCode, isDiskFull, replaceFile } from '../../engine/training/fileSystem.ts';
import { backupName, databaseName } from '../store/backup.ts';
import { noteFile, readLocation, type LocationNote } from '../store/dataFolder.ts';
import { relocateDataSets } from '../store/dataSets.ts';
import { openDatabase, queriesOf, type Store } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';

export interface MoveOptions {
  /** Where the note about the data folder lies. */
  readonly proposed: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes copied and read back. */
  readonly progress?: (done: number, total: number) => void;
}

/** What belongs to the process or the place, not to the data; the database comes by its checked backup. */
const left =
  /^(?:stillroom\.(?:db(?:-wal|-shm)?|lock(?:-journal)?|backup\.db(?:\.tmp)?)|location\.json(?:\.tmp)?|desktop|uploads|downloads|incoming)$/;
/** What a data folder holds; anything else in it is not ours to remove. */
const ours =
  /^(?:runs|gallery|datasets|trash|sweeps|teachers|exports|logs|uploads|downloads|incoming|damaged-.*|stillroom\..*)$/;
const SPARE = 256 * 2 ** 20;

/**
 * @param chosen an empty folder, or one in which a folder `Stillroom` is made. Nothing may write to the store meanwhile.
 * @returns the new data folder, absolute; this process goes on with the old one.
 * @throws StudioError 'input-invalid' for a place that cannot be, 'disk-full', 'cancelled'; the old one stays in force.
 */
export async function moveData(store: Store, chosen: string, options: MoveOptions): Promise<string> {
  const { proposed, signal, progress } = options;
  const former = readLocation(proposed)?.former;
  if (former != null)
    throw new StudioError(
      'input-invalid',
      `The data of the last move are still at ${former}; nothing was changed.`,
      'Remove them first.',
    );
  const target = await targetIn(store.data, path.resolve(chosen));
  const unfinished = `${target}.moving`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await store.backUp();
    const files = [...(await filesBelow(store.data)), backupName];
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(path.join(store.data, file))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    await mkdir(unfinished, { recursive: true });
    await requireSpace(unfinished, bytes);
    let done = 0;
    const onBytes = (count: number) => progress?.(Math.min((done += count), 2 * bytes), 2 * bytes);
    for (const file of files) {
      signal?.throwIfAborted();
      const to = path.join(unfinished, file === backupName ? databaseName : file);
      await copyChecked(path.join(store.data, file), to, { signal, onBytes });
    }
    await relocate(path.join(unfinished, databaseName), store.data, target);
    signal?.throwIfAborted();
    // Only as long as it is empty: the copy took a while.
    await rmdir(target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
    await rename(unfinished, target);
    await diskFileSystem.syncFolder(path.dirname(target));
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw explained(error, signal);
  }
  await writeNote(proposed, { folder: target, former: store.data });
  return target;
}

/** Removes the data from where they were before the last move. @returns bytes freed. */
export async function removeFormerData(proposed: string): Promise<number> {
  const note = readLocation(proposed);
  const former = note?.former;
  if (note === undefined || former == null) return 0;
  let bytes = 0;
  for (const file of await filesBelow(former)) bytes += (await stat(path.join(former, file))).size;
  for (const name of await diskFileSystem.list(former))
    if (ours.test(name)) await rm(path.join(former, name), { recursive: true });
  await writeNote(proposed, { ...note, former: null });
  return bytes;
}

async function writeNote(proposed: string, note: LocationNote): Promise<void> {
  await diskFileSystem.makeFolder(proposed);
  await replaceFile(noteFile(proposed), Buffer.from(JSON.stringify(note, undefined, 2)));
}

async function targetIn(data: string, chosen: string): Promise<string> {
  const target = (await diskFileSystem.list(chosen)).length === 0 ? chosen : path.join(chosen, 'Stillroom');
  if (isWithin(target, data) || isWithin(data, target))
    throw refused('The new data folder cannot lie in the old one, nor the old one in it');
  if ((await diskFileSystem.list(target)).length > 0) throw refused(`The folder ${target} is not empty`);
  return target;
}

const isWithin = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + path.sep);

const refused = (why: string) =>
  new StudioError('input-invalid', `${why}; nothing was changed.`, 'Choose an empty folder.');

/** Relative paths of what is moved. */
async function filesBelow(data: string): Promise<string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(data, path.join(entry.parentPath, entry.name)))
    .filter((file) => !left.test(file.split(path.sep)[0] ?? ''));
}

async function copyChecked(from: string, to: string, watching: Watching): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const given = await copyHashed(from, to, watching);
  if ((await hashFile(to, watching)) === given) return;
  throw new StudioError(
    'internal',
    `The new disk returned other bytes than were written for ${path.basename(to)}; the old data folder stays in force.`,
    'Choose another disk.',
  );
}

/** Copies of pictures are named by absolute paths. */
async function relocate(file: string, from: string, to: string): Promise<void> {
  const database = queriesOf<Tables>(openDatabase(file));
  await relocateDataSets(database, from, to);
  await database.destroy();
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const free = await diskFileSystem.freeBytes(folder);
  if (free > bytes + SPARE) return;
  throw new StudioError(
    'disk-full',
    `The data need ${Math.ceil(bytes / 1e6)} MB there; only ${Math.floor(free / 1e6)} MB are free. Nothing was changed.`,
    'Choose another disk, or empty the trash first.',
  );
}

function explained(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted)
    return new StudioError('cancelled', 'Moving was cancelled; the data folder is where it was.', '', {
      cause,
    });
  if (isDiskFull(cause))
    return new StudioError(
      'disk-full',
      'The new disk is full; the data folder is where it was.',
      'Choose another disk, or empty the trash first.',
      { cause },
    );
  if (hasCode(cause, 'ENOTEMPTY', 'EEXIST'))
    return refused('Something was put into the new folder meanwhile');
  if (hasCode(cause, 'EACCES', 'EPERM', 'EROFS'))
    return new StudioError(
      'input-invalid',
      'That folder cannot be written to; the data folder is where it was.',
      'Choose another.',
      { cause },
    );
  return cause;
}
