import { expect, test } from 'vitest';

import { activateBackend, type BackendName } from '../../../../engine/tensor/backends/backend.ts';
import { probeBackend } from '../../../../engine/tensor/backends/probe.ts';
import { assertNoLeaks } from '../../../../engine/tensor/memory.ts';
import { nativeTest } from '../../../support/nativeEngine.ts';

async function expectSoundProbe(name: BackendName): Promise<void> {
  await activateBackend(name);
  await assertNoLeaks(async () => {
    const { matmulGigaflops, matmulSize, trainingStepMilliseconds } = await probeBackend(128);
    expect(matmulSize).toBe(128);
    expect(matmulGigaflops).toBeGreaterThan(0.01);
    expect(trainingStepMilliseconds).toBeGreaterThan(0);
  });
}

test('the probe measures wasm and frees what it made', () => expectSoundProbe('wasm'));

nativeTest('the probe measures tensorflow and frees what it made', () => expectSoundProbe('tensorflow'));
