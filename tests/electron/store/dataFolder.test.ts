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
