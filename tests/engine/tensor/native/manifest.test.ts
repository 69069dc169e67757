import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';

import {
  manifestMatchesSizes,
  readManifest,
  verifyManifest,
  writeManifest,
} from '../../../../engine/tensor/native/manifest.ts';

let folder: string;
let library: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'manifest-'));
  mkdirSync(join(folder, 'lib'));
  library = join(folder, 'lib', 'a.so');
  writeFileSync(library, 'abc');
  writeFileSync(join(folder, 'addon.node'), '');
  await writeManifest(folder, 'the-key');
  return () => rmSync(folder, { recursive: true });
});

test('a manifest lists every file with its size and hash', () => {
  const manifest = readManifest(folder);
  expect(manifest?.key).toBe('the-key');
  expect(manifest?.files).toEqual([
    { path: 'addon.node', bytes: 0, sha256: createHash('sha256').digest('hex') },
    {
      path: 'lib/a.so',
      bytes: 3,
      // printf abc | sha256sum
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
  ]);
});

test('an untouched folder is sound', async () => {
  expect(manifestMatchesSizes(folder)).toBe(true);
  expect(await verifyManifest(folder)).toEqual([]);
});

test('a truncated file is noticed without reading it', async () => {
  truncateSync(library, 2);
  expect(manifestMatchesSizes(folder)).toBe(false);
  expect(await verifyManifest(folder)).toEqual([{ path: 'lib/a.so', reason: 'wrong size' }]);
});

test('a missing file is noticed', async () => {
  rmSync(library);
  expect(manifestMatchesSizes(folder)).toBe(false);
  expect(await verifyManifest(folder)).toEqual([{ path: 'lib/a.so', reason: 'missing' }]);
});

test('a file changed in place is noticed by its hash', async () => {
  writeFileSync(library, 'abd');
  expect(await verifyManifest(folder)).toEqual([{ path: 'lib/a.so', reason: 'wrong contents' }]);
});

test.each(['', '{', '{"key":"k","files":[]}', 'null'])('a manifest of %j is none', (text) => {
  writeFileSync(join(folder, 'manifest.json'), text);
  expect(manifestMatchesSizes(folder)).toBe(false);
});
