/** The addon of the CPU engine that came with the installed app: another engine of the same TensorFlow needs no compiler. */
import { copyFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './command.ts';
import { addonName, carriedEngines, engineKey } from './nativeEngine.ts';
import { findPin, type EnginePin } from './pins.ts';

/** Undefined where the app brought no engine of these sources and of the pin's version of TensorFlow. */
export function findCarriedAddon(pin: EnginePin, carried = carriedEngines): string | undefined {
  const cpu = findPin('cpu');
  if (cpu?.tensorflowVersion !== pin.tensorflowVersion) return undefined;
  const path = join(carried, engineKey('cpu', cpu), addonName);
  return existsSync(path) ? path : undefined;
}

/**
 * Copies the addon beside its libraries. False where it does not load there, such as with an older C library than it
 * was compiled with; tried in a process of its own, which Electron's binary cannot be.
 */
export async function installAddon(carried: string, addonPath: string): Promise<boolean> {
  await copyFile(carried, addonPath);
  if ('electron' in process.versions) return true;
  const { exitCode } = await runCommand(process.execPath, ['-e', 'require(process.argv[1])', addonPath]);
  return exitCode === 0;
}
