/** The built renderer for tests: built once for each state of its sources, however many test files ask at once. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';

const root = path.resolve(import.meta.dirname, '../..');
const sources = ['renderer', 'electron/bridge', 'engine/contract', 'package-lock.json', 'vite.config.ts'];

/** The folder with `index.html`. */
export async function builtRenderer(): Promise<string> {
  const parent = path.join(root, 'node_modules/.cache/stillroom-renderer');
  const folder = path.join(parent, await hashOf(sources));
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.tmp-${process.pid}`;
  await mkdir(parent, { recursive: true });
  await build({
    configFile: path.join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: temporary, emptyOutDir: true },
  });
  // Another test file may have been quicker; its build is the same.
  await rename(temporary, folder).catch(() => rm(temporary, { recursive: true, force: true }));
  return folder;
}

async function hashOf(names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const files = await Promise.all(
    names.map(async (name) =>
      path.extname(name) === ''
        ? (await readdir(path.join(root, name), { recursive: true, withFileTypes: true }))
            .filter((entry) => entry.isFile())
            .map((entry) => path.join(entry.parentPath, entry.name))
        : [path.join(root, name)],
    ),
  );
  for (const file of files.flat().sort()) hash.update(`${file}\n`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}
