import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

import { diagnose } from '../../../engine/tensor/doctor.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

nativeTest('with the native engine: it is sound and every backend has a reason', async () => {
  const { engine, backends, cache, system } = await diagnose();
  expect(engine?.faults).toEqual([]);
  expect(cache.bytes).toBeGreaterThan(600e6);
  expect(system.residentBytes).toBeGreaterThan(0);
  expect(backends.candidates.find(({ name }) => name === 'tensorflow')?.measured?.matmulSize).toBe(1024);
});

test('without it: that is said, and a backend is found all the same', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'doctor-'));
  vi.stubEnv('STILLROOM_CACHE', cache);
  const report = await diagnose();
  expect(report.engine).toBeUndefined();
  expect(report.cache).toEqual({ folder: cache, bytes: 0 });
  expect(report.backends.candidates.some(({ outcome }) => outcome === 'chosen')).toBe(true);
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});
