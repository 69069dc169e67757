/** The list of a finished engine's files with their sizes and hashes: its presence is what makes an engine complete. */
import { readFileSync, statSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { z } from 'zod';

import { hashFile } from '../../contract/fileHash.ts';

const manifestSchema = z.strictObject({
  key: z.string(),
  createdAt: z.iso.datetime(),
  files: z.array(
    z.strictObject({ path: z.string(), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type EngineManifest = z.infer<typeof manifestSchema>;

/** What is wrong with one file of an engine. */
export interface ManifestFault {
  readonly path: string;
  readonly reason: 'missing' | 'wrong size' | 'wrong contents';
}

export const manifestName = 'manifest.json';

/** Hashes every file below `folder` and writes the manifest, flushed to disk. */
export async function writeManifest(folder: string, key: string): Promise<EngineManifest> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: EngineManifest['files'] = [];
  for (const path of paths.sort()) {
    const { size } = await stat(path);
    files.push({
      path: relative(folder, path).split(sep).join('/'),
      bytes: size,
      sha256: await hashFile(path),
    });
  }
  const manifest = { key, createdAt: new Date().toISOString(), files };
  const handle = await open(join(folder, manifestName), 'wx');
  try {
    await handle.writeFile(JSON.stringify(manifest, null, 2));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return manifest;
}

/** The manifest, or undefined when the folder has none that can be read. */
export function readManifest(folder: string): EngineManifest | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestName), 'utf8');
  } catch {
    return undefined;
  }
  return parseManifest(text);
}

/** Undefined for a text that is no manifest. */
export function parseManifest(text: string): EngineManifest | undefined {
  return manifestSchema.safeParse(parseJson(text)).data;
}

/** Whether the folder has a manifest and every file in it its recorded size. */
export function manifestMatchesSizes(folder: string): boolean {
  const manifest = readManifest(folder);
  return (
    manifest?.files.every(
      ({ path, bytes }) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === bytes,
    ) ?? false
  );
}

/** Reads and hashes every file of an engine; empty when all is as it was written. */
export async function verifyManifest(folder: string): Promise<ManifestFault[]> {
  const manifest = readManifest(folder);
  if (!manifest) return [{ path: manifestName, reason: 'missing' }];
  const faults: ManifestFault[] = [];
  for (const { path, bytes, sha256 } of manifest.files) {
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    if (!found) faults.push({ path, reason: 'missing' });
    else if (found.size !== bytes) faults.push({ path, reason: 'wrong size' });
    else if ((await hashFile(join(folder, path))) !== sha256) faults.push({ path, reason: 'wrong contents' });
  }
  return faults;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
