/** What main loads from `dist/`: the renderer and the preload of the sources as they are. */
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtRenderer } from '../renderer.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export async function builtDesktop(): Promise<void> {
  await cp(await builtRenderer(), path.join(root, 'dist/renderer'), { recursive: true });
  await promisify(execFile)(process.execPath, [path.join(root, 'scripts/buildPreload.ts')]);
}
