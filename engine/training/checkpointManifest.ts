/**
 * What a checkpoint folder says about itself: `manifest.json` names its files with size and SHA-256.
 * Not the checkpoint's contents: see `checkpoint.ts`.
 */

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { FileSystem } from './fileSystem.ts';
import { checkMarkedSize, fileMark, invalidFile, sha256, sizeOf, verifyMarkedFile } from './markedFile.ts';

export const checkpointFiles = ['weights.safetensors', 'optimizer.safetensors', 'state.json'] as const;
export const manifestName = 'manifest.json';

const checkpointManifest = z.strictObject({
  version: z.literal(1),
  id: z.uuidv7(),
  step: z.int().nonnegative(),
  /** Grows with each save of a run: the order in time even where a run went back to an older step. */
  sequence: z.int().positive(),
  createdAt: z.iso.datetime(),
  files: z.strictObject({
    'weights.safetensors': fileMark,
    'optimizer.safetensors': fileMark,
    'state.json': fileMark,
  }),
});
export type CheckpointManifest = z.infer<typeof checkpointManifest>;

const signedManifest = z.strictObject({ manifest: checkpointManifest, sha256 });
/** Many times what a manifest needs: a larger file is none. */
const maximumBytes = 16_384;

/** `<step>-<id>`, so that a listing sorted by name is sorted by step. */
export function checkpointFolderName(step: number, id: string): string {
  return `${String(step).padStart(9, '0')}-${id}`;
}

/** The one text of a manifest; it ends with the hash of its own words, so that each changed byte shows. */
export function encodeManifest(manifest: CheckpointManifest): Buffer {
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
  return Buffer.from(`${JSON.stringify({ manifest, sha256: hash })}\n`);
}

/** Throws StudioError 'file-invalid' unless each byte of the folder's manifest is as it was written. */
export async function readManifest(folder: string, files: FileSystem): Promise<CheckpointManifest> {
  const path = join(folder, manifestName);
  if ((await sizeOf(path, files)) > maximumBytes) throw invalidFile(path, 'is too large');
  const pieces: Buffer[] = [];
  for await (const piece of files.read(path)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  let manifest: CheckpointManifest;
  try {
    ({ manifest } = signedManifest.parse(JSON.parse(bytes.toString())));
  } catch (cause) {
    throw invalidFile(path, 'is not a manifest', cause);
  }
  if (!encodeManifest(manifest).equals(bytes)) throw invalidFile(path, 'is not as it was saved');
  if (checkpointFolderName(manifest.step, manifest.id) !== basename(folder)) {
    throw invalidFile(path, 'belongs to another checkpoint');
  }
  return manifest;
}

/** Throws 'file-invalid' unless each file has its marked size, which costs no reading. */
export async function checkSizes(
  folder: string,
  manifest: CheckpointManifest,
  files: FileSystem,
): Promise<void> {
  for (const name of checkpointFiles) await checkMarkedSize(join(folder, name), manifest.files[name], files);
}

/** Throws 'file-invalid' unless each byte of each file is as it was saved. */
export async function verifyFiles(
  folder: string,
  manifest: CheckpointManifest,
  files: FileSystem,
): Promise<void> {
  for (const name of checkpointFiles) await verifyMarkedFile(join(folder, name), manifest.files[name], files);
}
