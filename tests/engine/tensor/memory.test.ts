import { describe, expect, test } from 'vitest';

import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { assertNoLeaks, memoryInfo } from '../../../engine/tensor/memory.ts';
import { add, tensor1d, tidy } from '../../../engine/tensor/tf.ts';
import { nativeTest } from '../../support/nativeEngine.ts';

const candidates = [
  { name: 'wasm', run: test },
  { name: 'tensorflow', run: nativeTest },
] as const;

describe.each(candidates)('counting on $name', ({ name, run }) => {
  run('tensors and their bytes are counted', async () => {
    await activateBackend(name);
    const before = memoryInfo();
    const held = tensor1d([1, 2, 3]);
    expect(memoryInfo().tensors).toBe(before.tensors + 1);
    expect(memoryInfo().tensorBytes).toBe(before.tensorBytes + 12);
    held.dispose();
    expect(memoryInfo().tensors).toBe(before.tensors);
  });

  run('work that frees what it makes passes, also when it uploads an input at first', async () => {
    await activateBackend(name);
    const input = tensor1d([1, 2]);
    await assertNoLeaks(() => tidy(() => void add(input, input)));
    input.dispose();
  });

  run('a lost tensor is noticed', async () => {
    await activateBackend(name);
    const lost: { dispose(): void }[] = [];
    const leaking = assertNoLeaks(() => lost.push(add(tensor1d([1]), 1)));
    await expect(leaking).rejects.toMatchObject({ code: 'internal' });
    lost.forEach((tensor) => tensor.dispose());
  });
});

nativeTest('a lost native handle is noticed although tfjs knows nothing of it', async () => {
  const { nativeBinding } = await activateBackend('tensorflow');
  const ids: number[] = [];
  const leaking = assertNoLeaks(() => {
    const id = nativeBinding?.createTensor([1], 1, new Float32Array([1]));
    if (id !== undefined) ids.push(id);
  });
  await expect(leaking).rejects.toThrow(/native tensors changed/);
  ids.forEach((id) => nativeBinding?.deleteTensor(id));
});
