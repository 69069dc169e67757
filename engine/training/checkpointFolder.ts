/**
 * The checkpoints of one run: which exist, which is the newest sound one, which to keep.
 * The folder is the truth; a damaged checkpoint is moved to `.quarantine/`, never deleted.
 */

import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import { StudioError } from '../contract/errors.ts';
import { checkSizes, readManifest, verifyFiles, type CheckpointManifest } from './checkpointManifest.ts';
import { diskFileSystem, hasCode, type FileSystem } from './fileSystem.ts';

export interface Checkpoint {
  readonly id: string;
  readonly step: number;
  /** Order in time within the run, from 1: newer is larger, even after a return to an older step. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Bytes of its arrays and state. */
  readonly bytes: number;
  /** Absolute path. */
  readonly folder: string;
}

/** A checkpoint that failed its checks: where it lies now, and why. */
export interface Quarantined {
  readonly folder: string;
  readonly reason: string;
}

export interface CheckpointListing {
  /** Newest first. */
  readonly checkpoints: Checkpoint[];
  readonly quarantined: Quarantined[];
}

/** So many sound ones stay beside those pinned and the best. */
export const CHECKPOINTS_KEPT = 3;

const folderName = /^\d{9,16}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const unfinished = '.tmp-';

export function checkpointsFolder(runFolder: string): string {
  return join(runFolder, 'checkpoints');
}

/** A name that no listing takes for a checkpoint; what bears it is removed by `sweepUnfinished`. */
export function unfinishedName(id: string): string {
  return `${unfinished}${id}`;
}

/** The checkpoints whose manifest and file sizes are right; others are quarantined. Reads no arrays, so it is quick. */
export async function listCheckpoints(
  runFolder: string,
  files: FileSystem = diskFileSystem,
): Promise<CheckpointListing> {
  const { checkpoints, damaged } = await scan(runFolder, files);
  const quarantined: Quarantined[] = [];
  for (const { folder, error } of damaged) quarantined.push(...(await quarantine(folder, error, files)));
  return { checkpoints, quarantined };
}

/**
 * The newest checkpoint of which each byte is as it was saved; undefined where the run has none.
 * Damaged ones met on the way are quarantined and reported.
 */
export async function newestVerified(
  runFolder: string,
  files: FileSystem = diskFileSystem,
): Promise<{ checkpoint: Checkpoint | undefined; quarantined: Quarantined[] }> {
  const { checkpoints, quarantined } = await listCheckpoints(runFolder, files);
  for (const checkpoint of checkpoints) {
    const error = await fault(checkpoint, files);
    if (error === undefined) return { checkpoint, quarantined };
    quarantined.push(...(await quarantine(checkpoint.folder, error, files)));
  }
  return { checkpoint: undefined, quarantined };
}

/**
 * Removes what is not among the newest `keepNewest` sound ones, pinned or the best (ids); returns what it removed.
 * Removes nothing before each byte of the newest ones to keep was checked.
 */
export async function pruneCheckpoints(
  runFolder: string,
  {
    keepNewest = CHECKPOINTS_KEPT,
    pinned = [],
    best,
  }: { keepNewest?: number; pinned?: readonly string[]; best?: string },
  files: FileSystem = diskFileSystem,
): Promise<Checkpoint[]> {
  if (keepNewest < 1) throw new StudioError('input-invalid', 'At least one checkpoint must be kept.');
  const { checkpoints } = await scan(runFolder, files);
  if (checkpoints.length <= keepNewest) return [];
  let sound = 0;
  const removed: Checkpoint[] = [];
  for (const checkpoint of checkpoints) {
    if (sound < keepNewest) sound += (await fault(checkpoint, files)) === undefined ? 1 : 0;
    else if (checkpoint.id !== best && !pinned.includes(checkpoint.id)) removed.push(checkpoint);
  }
  const doomed = removed.map(({ folder, id }) => ({
    folder,
    aside: join(dirname(folder), unfinishedName(id)),
  }));
  for (const { folder, aside } of doomed) await files.rename(folder, aside);
  await files.syncFolder(checkpointsFolder(runFolder)); // else a power cut shows a checkpoint half removed
  for (const { aside } of doomed) await files.remove(aside);
  return removed;
}

/** The checkpoints with sound manifests, newest first, and the faults of the others; changes nothing. */
export async function scan(
  runFolder: string,
  files: FileSystem,
): Promise<{ checkpoints: Checkpoint[]; damaged: { folder: string; error: StudioError }[] }> {
  const parent = checkpointsFolder(runFolder);
  const checkpoints: Checkpoint[] = [];
  const damaged: { folder: string; error: StudioError }[] = [];
  for (const name of (await files.list(parent)).filter((name) => folderName.test(name))) {
    const folder = join(parent, name);
    try {
      const manifest = await readManifest(folder, files);
      await checkSizes(folder, manifest, files);
      checkpoints.push(describe(manifest, folder));
    } catch (error) {
      damaged.push({ folder, error: onlyDamage(error) });
    }
  }
  checkpoints.sort((a, b) => b.sequence - a.sequence || (a.id < b.id ? 1 : -1));
  return { checkpoints, damaged };
}

/** Removes what interrupted saves and removals left; only for the process that writes this run's checkpoints. */
export async function sweepUnfinished(runFolder: string, files: FileSystem): Promise<void> {
  const parent = checkpointsFolder(runFolder);
  for (const name of await files.list(parent)) {
    if (name.startsWith(unfinished)) await files.remove(join(parent, name));
  }
}

export function describe(manifest: CheckpointManifest, folder: string): Checkpoint {
  const { id, step, sequence, createdAt } = manifest;
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  return { id, step, sequence, createdAt, bytes, folder };
}

/** What is wrong with the checkpoint's bytes, if anything; an error of the disk itself is thrown. */
async function fault({ folder }: Checkpoint, files: FileSystem): Promise<StudioError | undefined> {
  try {
    await verifyFiles(folder, await readManifest(folder, files), files);
    return undefined;
  } catch (error) {
    return onlyDamage(error);
  }
}

/** A disk that does not answer proves nothing about a checkpoint, so such an error is thrown on. */
function onlyDamage(error: unknown): StudioError {
  if (error instanceof StudioError && error.code === 'file-invalid') return error;
  throw error;
}

/** Moves the folder aside; nothing where another process removed it meanwhile. */
async function quarantine(folder: string, error: StudioError, files: FileSystem): Promise<Quarantined[]> {
  const parent = dirname(folder);
  const aside = join(parent, '.quarantine');
  const target = join(aside, newId());
  await files.makeFolder(aside);
  try {
    await files.rename(folder, target);
  } catch (failure) {
    if (hasCode(failure, 'ENOENT')) return [];
    throw failure;
  }
  await files.syncFolder(aside);
  await files.syncFolder(parent);
  return [{ folder: target, reason: error.message }];
}
