/** A folder of the user's as a FileTree. Reads only: nothing in it is ever changed, moved or deleted. */
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../contract/errors.ts';
import type { FileNote } from './checks.ts';
import { byCodeUnit, countQuota, fileQuota, isHidden, tooManyFiles, type FileTree } from './fileTree.ts';

/** Lists the folder and what is below it. Links are not followed, so a link to a parent cannot make a loop. */
export async function openFolder(folder: string): Promise<FileTree> {
  const name = path.basename(path.resolve(folder));
  const files: string[] = [];
  const notes: FileNote[] = [];
  const waiting = [''];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
      (cause: unknown) => {
        throw new StudioError(
          'input-invalid',
          `The folder “${below || name}” cannot be read; nothing was changed.`,
          'Check that it still exists and that you may open it.',
          { cause },
        );
      },
    );
    for (const entry of entries) {
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isHidden(file)) continue;
      if (entry.isDirectory()) waiting.push(file);
      else if (entry.isFile()) files.push(file);
      else notes.push({ file, finding: 'unsupported', message: 'A link or special file: left out.' });
      if (files.length + waiting.length > countQuota) throw tooManyFiles(name);
    }
  }
  return {
    name,
    files: files.sort(byCodeUnit),
    notes,
    read: (file) => readCapped(folder, file),
    close: () => undefined,
  };
}

/** Reads through one handle, so that the size checked is that of the file read. */
async function readCapped(folder: string, file: string): Promise<Buffer> {
  try {
    await using handle = await open(path.join(folder, file), 'r');
    const { size } = await handle.stat();
    if (size > fileQuota) {
      throw new StudioError(
        'input-invalid',
        `“${file}” is larger than 128 MiB; it was not read.`,
        'Leave it out.',
      );
    }
    return await handle.readFile();
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError('input-invalid', `“${file}” cannot be read.`, 'Check its permissions.', { cause });
  }
}
