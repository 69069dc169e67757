/** Writes a folder of files complete or not at all. */
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../engine/contract/errors.ts';
import { hasCode, isDiskFull } from '../../../engine/training/fileSystem.ts';

/**
 * Writes beside the folder and renames, so that no half report is ever seen. An earlier one there is replaced; a
 * folder that holds files other than `ownFile` is left alone.
 *
 * @param target absolute.
 * @throws StudioError `input-invalid` where the folder holds other files, `disk-full`.
 */
export async function writeWholeFolder(
  target: string,
  ownFile: RegExp,
  files: AsyncIterable<readonly [string, string | Buffer]>,
): Promise<void> {
  const replaced = await findEarlier(target, ownFile);
  const unfinished = `${target}.${process.pid}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    for await (const [name, contents] of files) {
      await writeFile(path.join(unfinished, name), contents, { flush: true });
    }
    if (replaced) await replaceFolder(target, unfinished, ownFile);
    else await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!isDiskFull(error)) throw error;
    throw new StudioError(
      'disk-full',
      `The disk is full: the report could not be written to ${target}; an earlier one is untouched.`,
      'Free some space or choose a folder on another disk.',
      { cause: error },
    );
  }
}

/** Whether a report, or an empty folder, is there to be replaced. */
async function findEarlier(folder: string, ownFile: RegExp): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    if (!hasCode(error, 'ENOTDIR')) throw error;
    throw new StudioError(
      'input-invalid',
      `${folder} is a file; nothing was written.`,
      'Choose a new folder for the report.',
    );
  }
  const foreign = names.find((name) => !ownFile.test(name));
  if (foreign === undefined) return true;
  throw new StudioError(
    'input-invalid',
    `The folder ${folder} holds files that are no report's, e.g. ${foreign}; nothing was written.`,
    'Choose a new folder for the report.',
  );
}

/** For a moment neither is at `folder`, since no system renames over a folder that holds files. */
async function replaceFolder(folder: string, successor: string, ownFile: RegExp): Promise<void> {
  const predecessor = `${folder}.${process.pid}.old`;
  await rename(folder, predecessor);
  try {
    await rename(successor, folder);
  } catch (error) {
    await rename(predecessor, folder);
    throw error;
  }
  for (const name of await readdir(predecessor)) {
    if (ownFile.test(name)) await rm(path.join(predecessor, name));
  }
  await rmdir(predecessor);
}
