/** `run.json` in a run's folder: what the database would need to know the run again if its rows were lost. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { diskFileSystem, hasCode, replaceFile } from '../../engine/training/fileSystem.ts';

const runFile = z.strictObject({
  version: z.literal(1),
  id: z.uuidv7(),
  name: z.string(),
  projectId: z.uuidv7(),
  projectName: z.string(),
  recipe: z.json(),
  parentRunId: z.uuidv7().nullable(),
  parentStep: z.int().nonnegative().nullable(),
  createdAt: z.iso.datetime(),
});
export type RunFile = z.infer<typeof runFile>;

const fileName = 'run.json';

/** Creates the run's folder and writes the file, safe against a power cut. */
export async function writeRunFile(folder: string, contents: RunFile): Promise<void> {
  await diskFileSystem.makeFolder(folder);
  await replaceFile(join(folder, fileName), Buffer.from(JSON.stringify(contents, undefined, 2)));
}

/** Undefined where the folder has none. Throws StudioError 'file-invalid' where it cannot be understood. */
export async function readRunFile(folder: string): Promise<RunFile | undefined> {
  try {
    return runFile.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
    throw new StudioError('file-invalid', `The file ${join(folder, fileName)} is damaged.`, '', { cause });
  }
}
