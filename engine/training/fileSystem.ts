/** The few calls on files that checkpoints need, as an interface: tests put failing and forgetful disks behind it. */

import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file being written from its start. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Returns when the file's bytes are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Bytes that this user may still write below `folder`. */
  freeBytes(folder: string): Promise<number>;
  /** Creates the folder and those above it, each entry on the disk; an existing one is fine. */
  makeFolder(folder: string): Promise<void>;
  /** Names in the folder; none where it does not exist. */
  list(folder: string): Promise<string[]>;
  /** Throws where the file exists. */
  create(path: string): Promise<NewFile>;
  /** Bytes of the file. */
  size(path: string): Promise<number>;
  /** The file's bytes in order, in pieces that are valid until the next one is asked for. */
  read(path: string): AsyncIterable<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  /** Returns when the names in the folder are on the disk. */
  syncFolder(folder: string): Promise<void>;
  /** Removes a file or a folder with all that it holds; a missing one is fine. */
  remove(path: string): Promise<void>;
}

const pieceBytes = 2 ** 22;

export const diskFileSystem: FileSystem = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) {
      await diskFileSystem.syncFolder(dirname(made));
    }
  },
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  },
  async create(path) {
    const file = await open(path, 'wx');
    return {
      write: (bytes) => file.writeFile(bytes),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  async size(path) {
    return (await stat(path)).size;
  },
  async *read(path) {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const piece = new Uint8Array(Math.min(pieceBytes, size + 1));
      for (;;) {
        const { bytesRead } = await file.read(piece);
        if (bytesRead === 0) return;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  },
  rename,
  async syncFolder(folder) {
    if (process.platform === 'win32') return; // Windows opens no folders; NTFS journals its names
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
};

/**
 * Puts a file in the place of another so that a power cut leaves the old or the new one whole.
 * The new one is written under `path` + `.tmp` before.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  files: FileSystem = diskFileSystem,
): Promise<void> {
  const unfinished = `${path}.tmp`;
  await files.remove(unfinished);
  const file = await files.create(unfinished);
  try {
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(unfinished, path);
  await files.syncFolder(dirname(path));
}

/** Whether the error is a system error with one of these codes, e.g. `ENOENT`. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}

/** Whether the disk, or this user's share of it, is full. */
export const isDiskFull = (error: unknown): boolean => hasCode(error, 'ENOSPC', 'EDQUOT');
