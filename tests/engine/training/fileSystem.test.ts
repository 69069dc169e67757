import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskFileSystem, replaceFile } from '../../../engine/training/fileSystem.ts';
import { watchedDisk } from '../../support/faultyDisk.ts';
import { ForgetfulDisk } from '../../support/forgetfulDisk.ts';
import { generator } from '../../support/safetensorsMutants.ts';

test('a replaced file holds the new bytes, and nothing is left beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'replace-'));
  try {
    const path = join(folder, 'deep', 'run.json');
    await diskFileSystem.makeFolder(join(folder, 'deep'));
    await replaceFile(path, Buffer.from('a long first text'));
    await replaceFile(path, Buffer.from('second'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(join(folder, 'deep'))).toEqual(['run.json']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a power cut leaves the old file or the new one whole', async () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = generator(seed);
    const disk = new ForgetfulDisk(random);
    await disk.makeFolder('/data');
    await replaceFile('/data/run.json', Buffer.from('old'), disk);
    const end = Math.floor(random() * 9);
    const powerFailed = new Error('the power failed');
    const files = watchedDisk(disk, (_, index) => {
      if (index >= end) throw powerFailed;
    });
    const outcome = await replaceFile('/data/run.json', Buffer.from('newer'), files).catch(
      (error: unknown) => error,
    );
    disk.cutPower();
    let text = '';
    for await (const piece of disk.read('/data/run.json')) text += piece.toString();
    expect(outcome === powerFailed ? ['old', 'newer'] : ['newer']).toContain(text);
    ends.add(text);
  }
  expect(ends.size).toBe(2);
});
