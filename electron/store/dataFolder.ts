/**
 * Where Stillroom keeps what it makes: the database and, below `runs/`, each run's own folder. It begins in the place
 * that the platform proposes; a person may move it, and then a note in that place says where it is.
 */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { hasCode } from '../../engine/training/fileSystem.ts';

const noteName = 'location.json';
const noteSchema = z.strictObject({
  /** Absolute. */
  folder: z.string().min(1),
  /** Where the data were before; kept there until a person removes them. Null when that is done. */
  former: z.string().min(1).nullable(),
});
export type LocationNote = z.infer<typeof noteSchema>;

/** Absolute path of the folder in force; `STILLROOM_DATA` overrides any other. */
export function dataFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const proposed = proposedFolder(environment, platform, home);
  return (isFixed(environment) ? undefined : readLocation(proposed)?.folder) ?? proposed;
}

/** Whether the environment names the folder, which then cannot be moved. */
export const isFixed = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  Boolean(environment['STILLROOM_DATA']);

/** Where the data are as long as nobody moved them, and where the note lies. */
export function proposedFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const chosen = environment['STILLROOM_DATA'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Stillroom');
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Stillroom');
  const shared = environment['XDG_DATA_HOME'];
  return join(shared === undefined || shared === '' ? join(home, '.local', 'share') : shared, 'stillroom');
}

export const noteFile = (proposed: string): string => join(proposed, noteName);

/** Undefined where the data were never moved. @throws StudioError 'file-invalid' for a damaged note. */
export function readLocation(proposed: string): LocationNote | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(noteFile(proposed), 'utf8')));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) return undefined;
    throw new StudioError(
      'file-invalid',
      `The note ${noteFile(proposed)}, which says where the data folder is, cannot be read.`,
      'Name the data folder in STILLROOM_DATA.',
      { cause },
    );
  }
}

/** The run's folder: `checkpoints/`, its samples and `run.json` lie in it. */
export function runFolder(data: string, runId: string): string {
  return join(data, 'runs', runId);
}
