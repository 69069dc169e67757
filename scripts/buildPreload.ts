/** Writes `dist/preload.cjs`: sandboxed preloads are not loaded by Node, so that their types must be gone before. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const source = await readFile(path.join(root, 'electron/preload.cts'), 'utf8');
await mkdir(path.join(root, 'dist'), { recursive: true });
await writeFile(path.join(root, 'dist/preload.cjs'), stripTypeScriptTypes(source));
