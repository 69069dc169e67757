import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../../engine/contract/cacheFolder.ts';

it('follows each platform, unless told otherwise', () => {
  const home = os.homedir();
  expect(cacheFolder({ STILLROOM_CACHE: '/elsewhere', XDG_CACHE_HOME: '/xdg' }, 'linux')).toBe('/elsewhere');
  expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' }, 'linux')).toBe(path.join('/xdg', 'stillroom'));
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toBe(path.join(home, '.cache', 'stillroom'));
  expect(cacheFolder({}, 'darwin')).toBe(path.join(home, 'Library', 'Caches', 'stillroom'));
  expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(path.join('/local', 'stillroom', 'cache'));
});
