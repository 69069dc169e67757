/** Tests that need the provisioned native engine: skipped with the reason where there is none. */
import { test } from 'vitest';

import { findNativeEngine } from '../../engine/tensor/native/nativeEngine.ts';

const engine = findNativeEngine();

if (!engine && process.env['STILLROOM_REQUIRE_NATIVE'] === '1') {
  throw new Error(
    'STILLROOM_REQUIRE_NATIVE is 1, but the native engine is not set up (npm run engine:install).',
  );
}
if (!engine) console.warn('Tests of the native backend are skipped: the native engine is not set up.');

export const nativeTest = test.skipIf(!engine);
