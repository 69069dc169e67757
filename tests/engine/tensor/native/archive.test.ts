/** Engines carried from one computer to another: packed, verified, installed; damaged or foreign ones refused. */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { ZipFile } from 'yazl';

import { installEngineArchive, packEngine } from '../../../../engine/tensor/native/archive.ts';
import { verifyManifest, writeManifest } from '../../../../engine/tensor/native/manifest.ts';
import {
  locateEngine,
  preferredVariants,
  requireUsable,
  type NativeEngine,
} from '../../../../engine/tensor/native/nativeEngine.ts';
import { findPin } from '../../../../engine/tensor/native/pins.ts';
import { mkdir } from 'node:fs/promises';

let folder: string;
let engine: NativeEngine;
let archive: string;
let packed: Awaited<ReturnType<typeof packEngine>>;
const pin = findPin('cpu', 'linux-x64');
const here = test.skipIf(findPin('cpu') === undefined);

/** An engine of this version and computer by its name, with small files in place of TensorFlow. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-archive-'));
  vi.stubEnv('STILLROOM_CACHE', join(folder, 'first'));
  if (!pin) throw new Error('There is a pin for Linux.');
  engine = locateEngine('cpu', pin);
  await mkdir(join(engine.folder, 'tensorflow'), { recursive: true });
  writeFileSync(join(engine.folder, 'addon.node'), 'addon'.repeat(1000));
  writeFileSync(join(engine.folder, 'tensorflow/library.so.2'), 'library'.repeat(1000));
  await writeManifest(engine.folder, engine.key);
  archive = join(folder, 'engine.stillroom');
  packed = await packEngine(engine, archive);
  vi.stubEnv('STILLROOM_CACHE', join(folder, 'second'));
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

const installed = () => {
  const engines = join(folder, 'second/engines');
  return existsSync(engines) ? readdirSync(engines) : [];
};

/** An archive of these files, whatever they are. */
async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, contents] of Object.entries(files)) zip.addBuffer(Buffer.from(contents), name);
  zip.end();
  const file = join(folder, 'made.stillroom');
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

const own = () =>
  Object.fromEntries(
    ['manifest.json', 'addon.node', 'tensorflow/library.so.2'].map((name) => [
      name,
      readFileSync(join(engine.folder, name)),
    ]),
  );

here('what was packed is installed elsewhere, file by file, and nothing is left beside it', async () => {
  const written = readFileSync(archive);
  expect(packed).toEqual({
    bytes: written.length,
    sha256: createHash('sha256').update(written).digest('hex'),
  });
  const fractions: number[] = [];
  const copy = await installEngineArchive(archive, {
    onProgress: ({ fraction }) => fractions.push(fraction),
  });
  expect(copy.key).toBe(engine.key);
  expect(copy.folder).not.toBe(engine.folder);
  expect(await verifyManifest(copy.folder)).toEqual([]);
  expect(readFileSync(join(copy.folder, 'addon.node'))).toEqual(own()['addon.node']);
  expect(installed()).toEqual([engine.key]);
  expect(fractions.at(-1)).toBe(1);
});

here('a changed byte, a missing, foreign or doubled file, and another engine are refused', async () => {
  const files = own();
  const manifest = String(files['manifest.json']);
  const bad: Record<string, string | Buffer>[] = [
    { ...files, 'addon.node': 'Addon'.repeat(1000) },
    { ...files, 'addon.node': 'short' },
    { 'manifest.json': manifest, 'addon.node': files['addon.node'] ?? '' },
    { ...files, 'more.so': 'x' },
    { ...files, 'manifest.json': '{}' },
    { ...files, 'manifest.json': manifest.replace(engine.key, `${engine.key.slice(0, -1)}x`) },
    { ...files, 'manifest.json': manifest.replaceAll('addon.node', '../../addon.node') },
    {},
  ];
  for (const contents of bad)
    await expect(installEngineArchive(await zipOf(contents))).rejects.toMatchObject({ code: 'file-invalid' });
  writeFileSync(join(folder, 'text.stillroom'), 'no zip');
  for (const name of ['text.stillroom', 'none.stillroom'])
    await expect(installEngineArchive(join(folder, name))).rejects.toMatchObject({ code: 'file-invalid' });
  expect(installed()).toEqual([]);
});

test.skipIf(preferredVariants().includes('cuda') || !findPin('cuda'))(
  'an engine for graphics processors is refused where there is no driver for them',
  async () => {
    const cuda = findPin('cuda');
    if (!cuda) throw new Error('There is a pin for CUDA.');
    const files = own();
    const { key } = locateEngine('cuda', cuda);
    const manifest = String(files['manifest.json']).replace(engine.key, key);
    const error = {
      code: 'engine-unavailable',
      message: expect.stringMatching(/no NVIDIA driver/) as unknown,
    };
    const made = await zipOf({ ...files, 'manifest.json': manifest });
    await expect(installEngineArchive(made)).rejects.toMatchObject(error);
    expect(() => requireUsable('cuda')).toThrow(expect.objectContaining(error) as Error);
    expect(() => requireUsable('cpu')).not.toThrow();
    expect(installed()).toEqual([]);
  },
);

here('every cut of an archive is refused', async () => {
  const bytes = readFileSync(archive);
  const cut = join(folder, 'cut.stillroom');
  for (let length = 0; length < bytes.length; length += 97) {
    writeFileSync(cut, bytes.subarray(0, length));
    await expect(installEngineArchive(cut)).rejects.toMatchObject({ code: 'file-invalid' });
  }
  expect(installed()).toEqual([]);
});
