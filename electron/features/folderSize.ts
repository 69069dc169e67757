/** How much a folder takes on disk. Folders that vanish meanwhile count as nothing: a training prunes as it goes. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../engine/training/fileSystem.ts';

/** Bytes of all files in the folder and below. */
export async function folderSize(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const sizes = await Promise.all(
      entries.map((entry) => {
        const inside = path.join(folder, entry.name);
        return entry.isDirectory() ? folderSize(inside) : fileSize(inside);
      }),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** Bytes; 0 where it is gone. */
export async function fileSize(file: string): Promise<number> {
  try {
    return (await lstat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
