/** Addons that were compiled where the app was packed and came with it, each named by its engine's key. */
import { copyFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { onDisk } from './addonSources.ts';
import { runCommand } from './command.ts';

export const addonsFolder = onDisk(join(import.meta.dirname, '../../../dist/addons'));

/** Undefined where the app brought none for this very engine. */
export function findPrebuiltAddon(key: string, folder = addonsFolder): string | undefined {
  const path = join(folder, `${key}.node`);
  return existsSync(path) ? path : undefined;
}

/**
 * Copies the addon beside its libraries. False where it does not load there, such as with an older C library than it
 * was compiled with; tried in a process of its own, which Electron's binary cannot be.
 */
export async function installPrebuiltAddon(prebuilt: string, addonPath: string): Promise<boolean> {
  await copyFile(prebuilt, addonPath);
  if ('electron' in process.versions) return true;
  const { exitCode } = await runCommand(process.execPath, ['-e', 'require(process.argv[1])', addonPath]);
  return exitCode === 0;
}
