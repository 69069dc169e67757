import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataFolder } from '../../../electron/store/dataFolder.ts';

test.each([
  ['linux', {}, '/home/ada/.local/share/stillroom'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/stillroom'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/ada/.local/share/stillroom'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/ada/Library/Application Support/Stillroom'],
  ['win32', { APPDATA: '/roaming' }, '/roaming/Stillroom'],
  ['darwin', { STILLROOM_DATA: '/mine' }, '/mine'],
] as const)('on %s with %j', (platform, environment, expected) => {
  expect(dataFolder(environment, platform, '/home/ada').replaceAll('\\', '/')).toBe(expected);
});

test('follows the note that a move left, but for a folder that the environment names', async () => {
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  const proposed = join(home, '.local/share/stillroom');
  await mkdir(proposed, { recursive: true });
  await writeFile(join(proposed, 'location.json'), JSON.stringify({ folder: '/disk/data', former: null }));
  expect(dataFolder({}, 'linux', home)).toBe('/disk/data');
  expect(dataFolder({ STILLROOM_DATA: '/mine' }, 'linux', home)).toBe('/mine');
  await writeFile(join(proposed, 'location.json'), '{');
  expect(() => dataFolder({}, 'linux', home)).toThrow(/cannot be read/);
  await rm(home, { recursive: true });
});
