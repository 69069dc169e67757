/** Runs the same tests on the native backend, where it is set up, and on wasm. */
import { beforeAll, describe, test } from 'vitest';

import { activateBackend, type BackendName } from '../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../engine/tensor/native/nativeEngine.ts';
import { nativeTest } from './nativeEngine.ts';

const candidates = [
  { backend: 'tensorflow', run: nativeTest, isHere: findNativeEngine() !== undefined },
  { backend: 'wasm', run: test, isHere: true },
] as const;

/** Milliseconds that a busy machine may need to load TensorFlow. */
const LOADING = 60_000;

/** `define` declares its tests with the `run` that it is given; the backend is active in each of them. */
export function onEachBackend(define: (run: typeof test, backend: BackendName) => void): void {
  describe.each(candidates)('on $backend', ({ backend, run, isHere }) => {
    beforeAll(async () => {
      if (isHere) await activateBackend(backend);
    }, LOADING);
    define(run as typeof test, backend);
  });
}
