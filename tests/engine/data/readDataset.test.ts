import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gatherImages, imageBytes } from '../../../engine/data/dataset.ts';
import { readDataset } from '../../../engine/data/readDataset.ts';
import { golden, goldenPath, goldenPixels, temporaryFolder, writeFiles } from './support.ts';

const square = (background: string) =>
  sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();

/** A folder with every kind of finding. */
async function mixedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  const red = await square('#ff2200');
  await writeFiles(folder, {
    'cats/grey_cat.png': golden('palette.png'),
    'cats/grey_cat copy.png': golden('palette.png'),
    'cats/IMG_0012.png': await square('#123456'),
    'dogs/rex.png': red,
    'dogs/rex.txt': '  A red\n dog. ',
    'dogs/same.png': red,
    'dogs/same.txt': 'a crimson dog',
    'dogs/latin.png': await square('#00ff00'),
    'dogs/latin.txt': Buffer.from([0xff, 0xfe, 0x41]),
    'dogs/moving.gif': golden('animated.gif'),
    'cut.png': golden('cut-off.png'),
    'huge.png': golden('huge.png'),
    'text.png': 'not a picture',
    'drawing.svg': '<svg/>',
    '.DS_Store': 'x',
    'notes.md': 'x',
  });
  return folder;
}

describe('readDataset', () => {
  it('takes classes from folders and captions from text files or names, and reports the rest', async () => {
    const folder = await mixedFolder();
    const dataset = await readDataset(folder, { size: 8, cache: false });
    expect(dataset.classNames).toEqual(['cats', 'dogs']);
    const rows = dataset.captions.map((caption, i) => [
      dataset.classNames[dataset.classes[i] ?? -1],
      caption,
    ]);
    expect(rows).toEqual([
      ['cats', ''],
      ['cats', 'grey cat copy'],
      ['dogs', 'latin'],
      ['dogs', 'moving'],
      ['dogs', 'A red dog.'],
      ['dogs', 'a crimson dog'],
    ]);
    const { found, used, leftOut, remarks, classes, warnings } = dataset.report;
    expect(used).toBe(dataset.count);
    expect(found).toBe(used + leftOut.length);
    expect(leftOut.map(({ file, finding }) => [file, finding])).toEqual([
      ['cats/grey_cat.png', 'duplicate'],
      ['cut.png', 'unreadable'],
      ['drawing.svg', 'unsupported'],
      ['huge.png', 'too-large'],
      ['text.png', 'unsupported'],
    ]);
    expect(remarks.map(({ file, finding }) => [file, finding])).toEqual([
      ['dogs/latin.png', 'caption-unreadable'],
      ['dogs/moving.gif', 'animated'],
      ['dogs/same.png', 'duplicate'],
    ]);
    expect(classes).toEqual([
      { name: 'cats', count: 2 },
      { name: 'dogs', count: 4 },
    ]);
    expect(warnings).toHaveLength(2);
  });

  it('holds the pixels of the files, as floats in [-1, 1]', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a.png': golden('palette.png'), 'b.png': await square('#ff0080') });
    const dataset = await readDataset(folder, { size: 16, cache: false });
    expect([...imageBytes(dataset, 0)]).toEqual(goldenPixels['palette']);
    const floats = gatherImages(dataset, [1, 0]);
    expect(floats).toHaveLength(2 * 16 * 16 * 3);
    expect([...floats.subarray(0, 3)]).toEqual([1, -1, Math.fround(128 / 127.5 - 1)]);
  });

  it('never changes a source', async () => {
    const folder = await mixedFolder();
    const state = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`);
    const before = state();
    await readDataset(folder, { size: 8, cache: await temporaryFolder() });
    expect(state()).toEqual(before);
  });

  it('reads a zip like the folder it was made of, without its wrapper', async () => {
    const dataset = await readDataset(goldenPath('good.zip'), { size: 16, cache: false });
    expect(dataset.classNames).toEqual(['cats', 'dogs']);
    expect(dataset.captions).toEqual(['grey cat', 'a red dog, sitting']);
  });

  it.each([
    ['captions.csv', 'file,caption,category\r\na.png,"a ""big"", red one",warm\r\nb.png,blue,cold\r\n'],
    [
      'captions.jsonl',
      '{"file":"a.png","caption":"a \\"big\\", red one","category":"warm"}\n{"file":"b.png","caption":"blue","category":"cold"}\n',
    ],
  ])('reads the table %s', async (name, table) => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a.png': await square('#f00'), 'b.png': await square('#00f'), [name]: table });
    const dataset = await readDataset(folder, { size: 8, cache: false });
    expect(dataset.captions).toEqual(['a "big", red one', 'blue']);
    expect(dataset.classNames).toEqual(['cold', 'warm']);
    await writeFiles(folder, {
      [name]: name.endsWith('csv') ? 'file,caption\na.png,"never closed' : '{"file":1}',
    });
    await expect(readDataset(folder, { size: 8, cache: false })).rejects.toMatchObject({
      code: 'input-invalid',
      message: `The table “${name}” cannot be read; nothing was changed.`,
    });
  });

  it('says in one sentence when nothing can be read', async () => {
    const folder = await temporaryFolder();
    await expect(readDataset(folder)).rejects.toMatchObject({ code: 'input-invalid' });
    await writeFile(path.join(folder, 'cut.png'), golden('cut-off.png'));
    await expect(readDataset(folder, { cache: false })).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/^None of the 1 pictures .* Damaged or cut off: left out\.$/) as unknown,
    });
    await expect(readDataset(path.join(folder, 'gone'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(readDataset(goldenPath('traversal.zip'))).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('does not follow a link that leads back to its parent', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a/red.png': await square('#f00') });
    await symlink(folder, path.join(folder, 'a', 'loop'));
    const { count, report } = await readDataset(folder, { size: 8, cache: false });
    expect(count).toBe(1);
    expect(report.remarks.map(({ file }) => file)).toEqual(['a/loop']);
  });

  it('shows progress and stops when cancelled', async () => {
    const folder = await temporaryFolder();
    const files = await Promise.all(Array.from({ length: 20 }, (_, i) => square(`rgb(${i}, 0, 0)`)));
    await writeFiles(folder, Object.fromEntries(files.map((bytes, i) => [`${i}.png`, bytes])));
    const steps: number[] = [];
    await readDataset(folder, {
      size: 8,
      cache: false,
      onProgress: (done, total) => steps.push(done / total),
    });
    expect(steps).toHaveLength(20);
    expect(steps.at(-1)).toBe(1);
    const control = new AbortController();
    const reading = readDataset(folder, {
      size: 8,
      cache: false,
      signal: control.signal,
      onProgress: (done) => done === 3 && control.abort(),
    });
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('the cache of decoded pixels', () => {
  it('gives the same set without decoding, and another for other settings', async () => {
    const [folder, cache] = [await mixedFolder(), await temporaryFolder()];
    const first = await readDataset(folder, { size: 8, cache });
    let decoded = 0;
    const second = await readDataset(folder, { size: 8, cache, onProgress: () => decoded++ });
    expect(second).toEqual(first);
    expect(decoded).toBe(0);
    await readDataset(folder, { size: 8, cache, background: '#000000', onProgress: () => decoded++ });
    expect(decoded).toBeGreaterThan(0);
    expect(readdirSync(cache)).toHaveLength(2);
  });

  it('notices a changed source', async () => {
    const [folder, cache] = [await temporaryFolder(), await temporaryFolder()];
    await writeFiles(folder, { 'a.png': await square('#f00') });
    await readDataset(folder, { size: 8, cache });
    await writeFiles(folder, { 'a.txt': 'now with a caption' });
    expect((await readDataset(folder, { size: 8, cache })).captions).toEqual(['now with a caption']);
    await writeFiles(folder, { 'a.png': await square('#00f') });
    expect([...(await readDataset(folder, { size: 8, cache })).pixels.subarray(0, 3)]).toEqual([0, 0, 255]);
  });

  it('does without where nothing can be written, and says so', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { 'a.png': await square('#f00'), 'not-a-folder': '' });
    const { count, report } = await readDataset(folder, {
      size: 8,
      cache: path.join(folder, 'not-a-folder'),
    });
    expect(count).toBe(1);
    expect(report.warnings.at(-1)).toMatch(/could not be kept for next time: .*not-a-folder/);
  });

  it('notices damage at any byte and makes the file again', async () => {
    const [folder, cache] = [await temporaryFolder(), await temporaryFolder()];
    await writeFiles(folder, { 'a.png': await square('#f00') });
    const dataset = await readDataset(folder, { size: 4, cache });
    const file = path.join(cache, readdirSync(cache)[0] ?? '');
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 5) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(file, at % 2 === 0 ? damaged : whole.subarray(0, at));
      let decoded = 0;
      const again = await readDataset(folder, { size: 4, cache, onProgress: () => decoded++ });
      expect(decoded).toBe(1);
      expect(again).toEqual(dataset);
      expect(readFileSync(file)).toEqual(whole);
    }
  });
});
