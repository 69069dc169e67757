/** Engines that came with the app. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

import { findCarriedAddon } from '../../../../engine/tensor/native/carriedAddon.ts';
import { writeManifest } from '../../../../engine/tensor/native/manifest.ts';
import { addonName, engineKey, locateEngine } from '../../../../engine/tensor/native/nativeEngine.ts';
import { enginePins } from '../../../../engine/tensor/native/pins.ts';

const { cpu, cuda } = enginePins['linux-x64'] ?? {};
if (!cpu || !cuda) throw new Error('Both engines of Linux are pinned.');
const key = engineKey('cpu', cpu);
let folder: string;
let addon: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carried-'));
  vi.stubEnv('STILLROOM_CACHE', join(folder, 'cache'));
  mkdirSync(join(folder, key));
  addon = join(folder, key, addonName);
  writeFileSync(addon, 'an addon');
  await writeManifest(join(folder, key), key);
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

test('an engine that came with the app is used where it lies, and only if it is whole', () => {
  expect(locateEngine('cpu', cpu, folder).addonPath).toBe(addon);
  truncateSync(addon, 3);
  expect(locateEngine('cpu', cpu, folder).folder).toBe(join(folder, 'cache', 'engines', key));
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'its addon serves another engine of the same TensorFlow and of no other',
  () => {
    expect(findCarriedAddon(cuda, folder)).toBe(addon);
    expect(findCarriedAddon({ ...cuda, tensorflowVersion: '2.19.0' }, folder)).toBeUndefined();
    expect(findCarriedAddon(cuda, join(folder, 'elsewhere'))).toBeUndefined();
  },
);
