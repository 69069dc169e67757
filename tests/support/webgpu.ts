/** Runs tests on webgpu where Dawn finds an adapter, be it one in software. */
import { test } from 'vitest';

import { StudioError } from '../../engine/contract/errors.ts';
import { activateBackend } from '../../engine/tensor/backends/backend.ts';

async function isHere(): Promise<boolean> {
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
