import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';

import { cacheFolder } from '../../../../engine/contract/cacheFolder.ts';
import { selectBackend, type Selection } from '../../../../engine/tensor/backends/selectBackend.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

const engines = join(cacheFolder(), 'engines');
let cache: string;
let selected: Selection | undefined;
beforeEach(() => {
  // An empty cache: the native engine is not there, so the choice is the same on every computer without a GPU.
  cache = mkdtempSync(join(tmpdir(), 'select-'));
  vi.stubEnv('STILLROOM_CACHE', cache);
  vi.stubEnv('STILLROOM_BACKEND', '');
  return () => {
    selected?.active.release();
    selected = undefined;
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  };
});

test('the fastest that runs is chosen, each other one has its reason, and the next start measures nothing', async () => {
  selected = await selectBackend();
  const { chosen, candidates } = selected.report;
  expect(selected.active.name).toBe(chosen);
  expect(candidates.map(({ name }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm']);
  const steps = candidates.flatMap(({ measured }) => (measured ? [measured.trainingStepMilliseconds] : []));
  const winner = candidates.find(({ outcome }) => outcome === 'chosen');
  expect(winner?.name).toBe(chosen);
  expect(winner?.measured?.trainingStepMilliseconds).toBe(Math.min(...steps));
  expect(winner?.measured?.matmulGigaflops).toBeGreaterThan(0);
  expect(candidates[0]).toMatchObject({ outcome: 'unavailable' });
  expect(candidates[0]?.reason).toMatch(/not set up/);
  expect(candidates.every(({ reason }) => reason.length > 10)).toBe(true);

  expect((await selectBackend()).report).toEqual(selected.report);

  // One that cannot be read is made again.
  const folder = join(cache, 'backends');
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"chosen":');
  expect((await selectBackend()).report.measuredAt).not.toBe(selected.report.measuredAt);
});

nativeTest('beside the native engine WebAssembly is not measured, and never chosen', async () => {
  symlinkSync(engines, join(cache, 'engines'));
  selected = await selectBackend();
  const { chosen, candidates } = selected.report;
  expect(chosen).not.toBe('wasm');
  expect(candidates.find(({ name }) => name === 'tensorflow')?.measured).toBeDefined();
  expect(candidates.find(({ name }) => name === 'wasm')).toEqual({
    name: 'wasm',
    outcome: 'not tried',
    reason: 'The native engine computes on the same processor, several times as fast.',
  });
});

test('a backend that is asked for is used without measuring', async () => {
  vi.stubEnv('STILLROOM_BACKEND', 'wasm');
  selected = await selectBackend();
  expect(selected.active.name).toBe('wasm');
  expect(selected.report.candidates.map(({ outcome }) => outcome)).toEqual([
    'not tried',
    'not tried',
    'chosen',
  ]);
  expect(readdirSync(cache)).toEqual([]);
});

test('a backend that is asked for and not there fails, and no other is taken', async () => {
  vi.stubEnv('STILLROOM_BACKEND', 'tensorflow');
  await expect(selectBackend()).rejects.toMatchObject({
    code: 'engine-unavailable',
    message: 'The native engine is not set up on this computer.',
  });
});

test('a preference of the caller comes before the environment', async () => {
  vi.stubEnv('STILLROOM_BACKEND', 'tensorflow');
  selected = await selectBackend({ prefer: 'wasm' });
  expect(selected.active.name).toBe('wasm');
});

test('a name that is no backend is refused with the names that are', async () => {
  vi.stubEnv('STILLROOM_BACKEND', 'cuda');
  await expect(selectBackend()).rejects.toMatchObject({
    code: 'input-invalid',
    hint: 'It can be one of: tensorflow, webgpu, wasm.',
  });
});
