/**
 * One checkpoint on disk: all that a run needs to go on bit for bit, saved so that a crash at any moment
 * leaves either the whole of it or nothing. Which ones exist and which to keep: `checkpointFolder.ts`.
 */

import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';
import {
  checkpointsFolder,
  describe,
  scan,
  sweepUnfinished,
  unfinishedName,
  type Checkpoint,
} from './checkpointFolder.ts';
import {
  checkpointFolderName,
  encodeManifest,
  manifestName,
  readManifest,
  type CheckpointManifest,
} from './checkpointManifest.ts';
import { diskFileSystem, isDiskFull, type FileSystem } from './fileSystem.ts';
import { readMarkedFile, totalBytes, writeMarkedFile } from './markedFile.ts';
import { encodeSafetensors, parseSafetensors, type Arrays } from './safetensors.ts';

/** Any JSON: step, RNG counters, data order and cursor, backend and versions, recipe. The trainer owns its meaning. */
const checkpointState = z.object({ version: z.literal(1), step: z.int().nonnegative() }).catchall(z.json());
export type CheckpointState = z.infer<typeof checkpointState>;

export interface CheckpointContents {
  /** Student, EMA and fake score. */
  readonly weights: Arrays;
  /** The optimisers' moments. */
  readonly optimizer: Arrays;
  readonly state: CheckpointState;
}

/**
 * Saves a checkpoint below `runFolder/checkpoints`; the arrays must not change until it returns.
 * Throws StudioError 'disk-full', or 'internal' for other faults; older checkpoints then stay as they were.
 */
export async function writeCheckpoint(
  runFolder: string,
  { weights, optimizer, state }: CheckpointContents,
  files: FileSystem = diskFileSystem,
): Promise<Checkpoint> {
  const contents = {
    'weights.safetensors': encodeSafetensors(weights),
    'optimizer.safetensors': encodeSafetensors(optimizer),
    'state.json': [encodeState(state)],
  };
  const { step } = state;
  const parent = checkpointsFolder(runFolder);
  const id = newId();
  const unfinished = join(parent, unfinishedName(id));
  const folder = join(parent, checkpointFolderName(step, id));
  let newest: Checkpoint | undefined;
  try {
    [newest] = (await scan(runFolder, files)).checkpoints;
    await files.makeFolder(parent);
    await sweepUnfinished(runFolder, files);
    await requireSpace(parent, 2 * totalBytes(Object.values(contents).flat()), files);
    await files.makeFolder(unfinished);
    const save = (name: keyof typeof contents) =>
      writeMarkedFile(join(unfinished, name), contents[name], files);
    const manifest: CheckpointManifest = {
      version: 1,
      id,
      step,
      sequence: (newest?.sequence ?? 0) + 1,
      createdAt: new Date().toISOString(),
      files: {
        'weights.safetensors': await save('weights.safetensors'),
        'optimizer.safetensors': await save('optimizer.safetensors'),
        'state.json': await save('state.json'),
      },
    };
    await writeMarkedFile(join(unfinished, manifestName), [encodeManifest(manifest)], files);
    await files.syncFolder(unfinished);
    await files.rename(unfinished, folder);
    await files.syncFolder(parent);
    return describe(manifest, folder);
  } catch (error) {
    // A disk that fails may refuse this too; the next save sweeps what is left.
    await files.remove(unfinished).catch(() => undefined);
    throw notSaved(step, newest, error);
  }
}

/**
 * Loads the checkpoint in `folder`, each byte checked against its manifest.
 * Throws StudioError 'file-invalid' where anything is missing or changed: there is no partial load.
 */
export async function readCheckpoint(
  folder: string,
  files: FileSystem = diskFileSystem,
): Promise<CheckpointContents & { checkpoint: Checkpoint }> {
  const manifest = await readManifest(folder, files);
  const read = (name: keyof typeof manifest.files) =>
    readMarkedFile(join(folder, name), manifest.files[name], files);
  const weights = parseSafetensors(await read('weights.safetensors')).arrays;
  const optimizer = parseSafetensors(await read('optimizer.safetensors')).arrays;
  const state = decodeState(await read('state.json'), folder);
  return { checkpoint: describe(manifest, folder), weights, optimizer, state };
}

/** What the checkpoint says, without its arrays. Throws StudioError 'file-invalid' as `readCheckpoint`. */
export async function readCheckpointState(
  folder: string,
  files: FileSystem = diskFileSystem,
): Promise<CheckpointState> {
  const manifest = await readManifest(folder, files);
  const file = await readMarkedFile(join(folder, 'state.json'), manifest.files['state.json'], files);
  return decodeState(file, folder);
}

function encodeState(state: CheckpointState): Uint8Array {
  const checked = checkpointState.safeParse(state);
  if (!checked.success) {
    const where = z.prettifyError(checked.error);
    throw new StudioError('internal', `The run's state cannot be saved: ${where}`, '', {
      cause: checked.error,
    });
  }
  return Buffer.from(JSON.stringify(state));
}

function decodeState(bytes: Uint8Array, folder: string): CheckpointState {
  try {
    return checkpointState.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (cause) {
    throw new StudioError(
      'file-invalid',
      `The state of the checkpoint ${folder} is not one that this version of Stillroom understands.`,
      'Open it with the version that made it.',
      { cause },
    );
  }
}

async function requireSpace(folder: string, needed: number, files: FileSystem): Promise<void> {
  const free = await files.freeBytes(folder);
  if (free < needed) {
    throw new StudioError('disk-full', `it needs ${megabytes(needed)} free, the disk has ${megabytes(free)}`);
  }
}

function notSaved(step: number, newest: Checkpoint | undefined, cause: unknown): StudioError {
  const kept =
    newest === undefined
      ? 'this run has no older checkpoint'
      : `the checkpoint of step ${newest.step} is kept`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const failed = `The checkpoint of step ${step} was not saved`;
  if (isDiskFull(cause) || (cause instanceof StudioError && cause.code === 'disk-full')) {
    const hint = 'Free some space on this disk, then resume the run.';
    return new StudioError('disk-full', `${failed} because the disk is full; ${kept} (${reason}).`, hint, {
      cause,
    });
  }
  return new StudioError(
    'internal',
    `${failed}; ${kept} (${reason}).`,
    'Check the disk, then resume the run.',
    {
      cause,
    },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
