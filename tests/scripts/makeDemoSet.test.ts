import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, it, vi } from 'vitest';
import { readDataset } from '../../engine/data/readDataset.ts';
import { makeDemoSet } from '../../scripts/makeDemoSet.ts';
import { temporaryFolder, writeFiles } from '../engine/data/support.ts';

const glyph = (unified: string, image: string) => ({ unified, image, has_img_google: true });
const picture = (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 4, background } })
    .png()
    .toBuffer();

it('gives captions to every variation, and the same bytes each time and everywhere', async () => {
  const folder = await temporaryFolder();
  const walker = {
    ...glyph('1F6B6-200D-27A1-FE0F', 'walk.png'),
    category: 'People & Body',
    subcategory: 'person',
    sort_order: 2,
    skin_variations: { '1F3FF': glyph('1F6B6-1F3FF-200D-27A1-FE0F', 'walk-dark.png') },
  };
  const flag = {
    ...glyph('1F1E8-1F1EE', 'ci.png'),
    category: 'Flags',
    subcategory: 'country-flag',
    sort_order: 1,
  };
  const label = 'person walking facing right';
  const skins = [{ hexcode: '1F6B6-1F3FF-200D-27A1', label }];
  await writeFiles(folder, {
    'images/emoji.json': JSON.stringify([walker, flag]),
    'images/img/google/64/walk.png': await picture('#ffcc00'),
    'images/img/google/64/walk-dark.png': await picture('#553311'),
    'images/img/google/64/ci.png': await picture('#00ff00'),
    'names/en/data.json': JSON.stringify([
      { hexcode: '1F6B6-200D-27A1', label, tags: ['walk'], skins },
      { hexcode: '1F1E8-1F1EE', label: 'flag: Côte d’Ivoire' },
    ]),
  });
  const make = async (name: string) => {
    const target = path.join(folder, name);
    expect(await makeDemoSet(path.join(folder, 'images'), path.join(folder, 'names'), target)).toBe(3);
    return readFileSync(target);
  };
  const first = await make('one.zip');
  vi.stubEnv('TZ', 'Asia/Tokyo');
  expect(await make('two.zip')).toEqual(first);
  vi.unstubAllEnvs();
  const made = await readDataset(path.join(folder, 'one.zip'), { cache: false });
  expect(made.classNames).toEqual(['Flags', 'People & Body']);
  expect(made.captions).toEqual([
    "flag: côte d'ivoire",
    'person walking facing right: dark skin tone',
    'person walking facing right',
  ]);
  expect([...made.pixels.subarray(0, 3)]).toEqual([0, 255, 0]);
});
