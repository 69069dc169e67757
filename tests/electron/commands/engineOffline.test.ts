/** `stillroom engine install` asks nothing of a network that was switched off in Settings, also while the studio runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { engineCommand } from '../../../electron/commands/engine.ts';
import { openStore } from '../../../electron/store/database.ts';
import { keepPreference } from '../../../electron/store/preferences.ts';
import { readOffline } from '../../../electron/store/readOffline.ts';
import { silentReporter } from '../../../electron/terminal/reporter.ts';
import { settingsSchema } from '../../../engine/contract/messages/settings.ts';
import { findPin } from '../../../engine/tensor/native/pins.ts';

test.skipIf(findPin('cpu') === undefined)('is refused in one sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'offline-'));
  vi.stubEnv('STILLROOM_DATA', join(folder, 'data'));
  vi.stubEnv('STILLROOM_CACHE', join(folder, 'cache'));
  expect(readOffline(join(folder, 'data'))).toBe(false);
  const store = await openStore(join(folder, 'data'));
  expect(readOffline(store.data)).toBe(false);
  await keepPreference(store, 'settings', { ...settingsSchema.parse({}), offline: true });
  const { signal } = new AbortController();
  const words = ['install', '--variant', 'cpu'];
  await expect(engineCommand.run({ words, signal, json: false, reporter: silentReporter })).rejects.toThrow(
    'The network is switched off in Settings, so nothing was downloaded.',
  );
  await store.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
