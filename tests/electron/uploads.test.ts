/** What a browser uploads: kept where it belongs, never over another file, nothing of what is refused. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, it } from 'vitest';
import { requireSafe, Uploads, uploadQuota } from '../../electron/uploads.ts';

const id = '018f2f3e-0000-7000-8000-00000000000a';
let folder = '';
let uploads: Uploads;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-uploads-'));
  uploads = await Uploads.open(folder);
  return () => rm(folder, { recursive: true });
});

const send = (file: string, content = 'x') =>
  uploads.receive(id, file, Readable.from([Buffer.from(content)]));

it('moves what was uploaded as one thing, which keeps its name', async () => {
  await send('birds/red/a.png', 'red');
  await send('birds/blue/a.png', 'blue');
  expect(uploads.has(id)).toBe(true);
  const location = await uploads.take(id, path.join(folder, 'datasets/1'));
  expect(path.relative(folder, location)).toBe(path.join('datasets', '1', 'birds'));
  expect(await readFile(path.join(location, 'blue/a.png'), 'utf8')).toBe('blue');
  expect(uploads.has(id)).toBe(false);
});

it('keeps nothing of a file that is too large or that breaks off', async () => {
  const piece = Buffer.alloc(2 ** 20);
  const endless = Readable.from(
    (function* () {
      for (let bytes = 0; bytes <= uploadQuota.file; bytes += piece.length) yield piece;
    })(),
  );
  await expect(uploads.receive(id, 'large.png', endless)).rejects.toMatchObject({ code: 'input-invalid' });
  const broken = new Readable({
    read() {
      this.push('half');
      this.destroy(new Error('gone'));
    },
  });
  await expect(uploads.receive(id, 'half.png', broken)).rejects.toThrow('gone');
  expect(await readdir(path.join(folder, 'uploads', id))).toEqual([]);
});

it('refuses a second file of a name, and a file where a folder is', async () => {
  await send('a/b.png');
  await expect(send('a/b.png', 'y')).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(send('a/b.png/c.png')).rejects.toMatchObject({ code: 'input-invalid' });
  expect(await readFile(path.join(folder, 'uploads', id, 'a/b.png'), 'utf8')).toBe('x');
});

it('takes plain names only', () => {
  for (const name of ['a.png', 'birds/red one.png', '鳥/赤.jpg', 'a'.repeat(255), '.hidden'])
    requireSafe(name);
  for (const name of [
    ...['', '.', '..', '/a', 'a//b', 'a/', '../a', 'a/../b', 'a\\b', 'c:a', 'a\0', 'a\n', 'a ', 'a.', 'a?'],
    ...['NUL', 'com1.png', 'a'.repeat(256), 'a/'.repeat(16) + 'a'],
  ])
    expect(() => requireSafe(name), name).toThrow('is no name that every disk takes');
});

it('removes at start what was left half uploaded', async () => {
  await send('a.png');
  await Uploads.open(folder);
  expect(existsSync(path.join(folder, 'uploads'))).toBe(false);
});
