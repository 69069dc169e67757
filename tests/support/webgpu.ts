/** Runs tests on webgpu when `STILLROOM_TEST_WEBGPU=1` asks for it and Dawn finds an adapter, be it one in software. */
import { test } from 'vitest';

import { StudioError } from '../../engine/contract/errors.ts';
import { activateBackend } from '../../engine/tensor/backends/backend.ts';

async function isHere(): Promise<boolean> {
  // An adapter in software computes for most of a minute, and for several on a busy computer.
  if (process.env['STILLROOM_TEST_WEBGPU'] !== '1') {
    console.warn('The webgpu backend is not tested: STILLROOM_TEST_WEBGPU=1 asks for it.');
    return false;
  }
  try {
    (await activateBackend('webgpu')).release();
    return true;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    console.warn(`The webgpu backend is not tested: ${error.message}`);
    return false;
  }
}

export const webgpuTest = test.skipIf(!(await isHere()));
