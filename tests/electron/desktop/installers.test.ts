/** What installers are made from: their settings and icons. What they hold is tested by `npm run test:packaging`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const icons = path.join(root, 'resources/icons');
const settings = JSON.parse(
  await readFile(path.join(root, 'electron-builder.config.json'), 'utf8'),
) as Record<string, unknown>;

test('there is one for each system, opening .stillroom files, with the fuses that fence it in', () => {
  expect(settings).toMatchObject({
    asar: true,
    fileAssociations: [{ ext: 'stillroom', mimeType: 'application/x-stillroom' }],
    linux: { target: ['AppImage', 'deb'], icon: 'icon.png' },
    mac: { target: ['dmg'], icon: 'icon.icns' },
    // The association is written for all users.
    win: { target: ['nsis'], icon: 'icon.ico' },
    nsis: { perMachine: true },
    electronFuses: {
      ...{ runAsNode: false, enableNodeOptionsEnvironmentVariable: false },
      ...{ enableNodeCliInspectArguments: false, grantFileProtocolExtraPrivileges: false },
      ...{ enableEmbeddedAsarIntegrityValidation: true, onlyLoadAppFromAsar: true },
    },
  });
});

test('each system has its icon in its format, large enough', async () => {
  expect(await sharp(path.join(icons, 'icon.png')).metadata()).toMatchObject({ format: 'png', width: 512 });
  expect(sizesOfIcns(await readFile(path.join(icons, 'icon.icns')))).toEqual(
    expect.arrayContaining(['ic07', 'ic08', 'ic09']),
  );
  expect(sizesOfIco(await readFile(path.join(icons, 'icon.ico')))).toEqual(
    expect.arrayContaining([16, 32, 48, 256]),
  );
});

/** Types of its pictures: ic07 has 128 pixels, ic08 256, ic09 512. Each holds a PNG. */
function sizesOfIcns(bytes: Buffer): string[] {
  expect(bytes.toString('latin1', 0, 4)).toBe('icns');
  expect(bytes.readUInt32BE(4)).toBe(bytes.length);
  const types: string[] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at + 4)) {
    types.push(bytes.toString('latin1', at, at + 4));
    expect(bytes.toString('latin1', at + 9, at + 12)).toBe('PNG');
  }
  return types;
}

function sizesOfIco(bytes: Buffer): number[] {
  expect([bytes.readUInt16LE(0), bytes.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: bytes.readUInt16LE(4) }, (_, i) => bytes.readUInt8(6 + 16 * i) || 256);
}
