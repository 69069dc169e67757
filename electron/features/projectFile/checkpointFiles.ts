/** A checkpoint under another id or with another state: its manifest marks every byte, so it is written anew. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { readFile } from 'node:fs/promises';
import {
  encodeManifest,
  readManifest,
  type CheckpointManifest,
} from '../../../engine/training/checkpointManifest.ts';
import { diskFileSystem } from '../../../engine/training/fileSystem.ts';

export const stateName = 'state.json';

export interface ChangedCheckpoint {
  readonly manifest: Buffer;
  readonly state: Buffer;
}

/** @throws StudioError 'file-invalid' where its manifest is damaged. */
export async function changeCheckpoint(
  folder: string,
  change: (state: string) => string,
  id?: string,
): Promise<ChangedCheckpoint> {
  const before = await readManifest(folder, diskFileSystem);
  const state = Buffer.from(change(await readFile(path.join(folder, stateName), 'utf8')));
  const mark = { bytes: state.length, sha256: createHash('sha256').update(state).digest('hex') };
  const manifest: CheckpointManifest = {
    ...before,
    id: id ?? before.id,
    files: { ...before.files, [stateName]: mark },
  };
  return { manifest: encodeManifest(manifest), state };
}
