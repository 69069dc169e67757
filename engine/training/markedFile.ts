/** Files with a mark, their size and SHA-256: written so that they are known to be on the disk, read only if unchanged. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';
import { hasCode, type FileSystem } from './fileSystem.ts';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const fileMark = z.strictObject({ bytes: z.int().nonnegative(), sha256 });
export type FileMark = z.infer<typeof fileMark>;

/** `createHash` takes at most 2 GiB at once. */
const hashedAtOnce = 2 ** 26;

/**
 * Writes the pieces one after the other, waits until they are on the disk and reads them back.
 * Throws 'file-invalid' where the disk returns other bytes, and the file system's own errors.
 */
export async function writeMarkedFile(
  path: string,
  pieces: readonly Uint8Array[],
  files: FileSystem,
): Promise<FileMark> {
  const hash = createHash('sha256');
  const file = await files.create(path);
  try {
    for (const piece of pieces) {
      await file.write(piece);
      for (let start = 0; start < piece.length; start += hashedAtOnce) {
        hash.update(piece.subarray(start, start + hashedAtOnce));
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const mark = { bytes: totalBytes(pieces), sha256: hash.digest('hex') };
  await verifyMarkedFile(path, mark, files);
  return mark;
}

/** Throws 'file-invalid' unless the file is the marked one; each piece read is handed to `onPiece`. */
export async function verifyMarkedFile(
  path: string,
  mark: FileMark,
  files: FileSystem,
  onPiece: (piece: Uint8Array) => void = () => undefined,
): Promise<void> {
  await checkMarkedSize(path, mark, files);
  const hash = createHash('sha256');
  for await (const piece of files.read(path)) {
    hash.update(piece);
    onPiece(piece);
  }
  if (hash.digest('hex') !== mark.sha256) throw invalidFile(path, 'is not as it was saved');
}

/** The bytes of the marked file. Throws 'file-invalid' where any of them changed. */
export async function readMarkedFile(path: string, mark: FileMark, files: FileSystem): Promise<Uint8Array> {
  const bytes = Buffer.alloc(mark.bytes);
  let position = 0;
  await verifyMarkedFile(path, mark, files, (piece) => {
    if (position + piece.length > bytes.length) throw invalidFile(path, 'grew while it was read');
    bytes.set(piece, position);
    position += piece.length;
  });
  return bytes;
}

/** Throws 'file-invalid' unless the file exists with the marked size. */
export async function checkMarkedSize(path: string, mark: FileMark, files: FileSystem): Promise<void> {
  const bytes = await sizeOf(path, files);
  if (bytes !== mark.bytes) throw invalidFile(path, `has ${bytes} bytes instead of ${mark.bytes}`);
}

/** Bytes of the file. Throws 'file-invalid' where it is missing. */
export async function sizeOf(path: string, files: FileSystem): Promise<number> {
  try {
    return await files.size(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw invalidFile(path, 'is missing', error);
    throw error;
  }
}

export function totalBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

export function invalidFile(path: string, what: string, cause?: unknown): StudioError {
  const message = `The checkpoint file ${path} ${what}.`;
  return new StudioError('file-invalid', message, 'Go on from an older checkpoint of this run.', { cause });
}
