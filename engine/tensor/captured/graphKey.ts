/** Names a recorded graph by everything that it follows from, so that a changed program never meets an old graph. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { hashAddonSources } from '../native/addonSources.ts';
import { laneCount } from '../threads.ts';
import type { NativeBinding } from './nativeBinding.ts';

const require = createRequire(import.meta.url);
const engineFolder = resolve(import.meta.dirname, '../..');
/** tfjs decides which operations a step's function becomes. */
const packages = ['tfjs-core', 'tfjs', 'tfjs-node-gpu'];

let program: string | undefined;

/** @param parts of the step, as plain data: its name, settings, state and feeds. */
export function graphKey(binding: NativeBinding, parts: unknown): string {
  program ??= hashProgram();
  const device = [binding.TF_Version, binding.isUsingGpuDevice(), laneCount];
  return createHash('sha256')
    .update(program)
    .update(JSON.stringify([device, parts]))
    .digest('hex');
}

/** The engine's and the addon's sources and tfjs's versions; some milliseconds, once a process. */
function hashProgram(): string {
  const hash = createHash('sha256').update(hashAddonSources());
  for (const name of packages) {
    hash.update((require(`@tensorflow/${name}/package.json`) as { version: string }).version);
  }
  hashFolder(engineFolder);
  return hash.digest('hex');

  function hashFolder(folder: string): void {
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) hashFolder(path);
      else if (entry.name.endsWith('.ts')) hash.update(entry.name).update(readFileSync(path));
    }
  }
}
