import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { lockDataFolder } from '../../../electron/store/lock.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('holds the folder though nothing refers to the lock', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillroom-lock-'));
  lockDataFolder(folder);
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await setImmediate();
  }
  expect(() => lockDataFolder(folder)).toThrow('Another Stillroom is using the data folder');
  await rm(folder, { recursive: true });
});

test('lets go of the folder when it is asked to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillroom-lock-'));
  lockDataFolder(folder)();
  lockDataFolder(folder)();
  await rm(folder, { recursive: true });
});
