/** Files made by other programs (`tests/goldens/makePictures.py`), and temporary folders. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const goldens = path.resolve(import.meta.dirname, '../../goldens');

export const goldenPath = (name: string): string => path.join(goldens, 'pictures', name);
export const golden = (name: string): Buffer => readFileSync(goldenPath(name));

/** RGB bytes as Pillow computed them. */
export const goldenPixels = z
  .record(z.string(), z.array(z.number()))
  .parse(JSON.parse(readFileSync(path.join(goldens, 'pictures.json'), 'utf8')));

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stillroom-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
}

/** Largest absolute difference. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}
