/** What main loads from `dist/`: the renderer and the preload of the sources as they are. */
import { execFile } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtRenderer } from '../renderer.ts';

const root = path.resolve(import.meta.dirname, '../../..');

export async function builtDesktop(): Promise<void> {
  const [built, dist] = [await builtRenderer(), path.join(root, 'dist/renderer')];
  // The page names its parts by their hashes. What is there already stays: another process may be packing it.
  const pageOf = (folder: string) => readFile(path.join(folder, 'index.html'), 'utf8').catch(() => '');
  if ((await pageOf(dist)) !== (await pageOf(built))) {
    await rm(dist, { recursive: true, force: true });
    await cp(built, dist, { recursive: true });
  }
  await promisify(execFile)(process.execPath, [path.join(root, 'scripts/buildPreload.ts')]);
}
