import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../engine/training/checkpoint.ts';
import {
  checkpointsFolder,
  listCheckpoints,
  newestVerified,
  pruneCheckpoints,
} from '../../../engine/training/checkpointFolder.ts';
import { diskFileSystem, type FileSystem } from '../../../engine/training/fileSystem.ts';
import { contentsOf } from '../../support/checkpointContents.ts';
import { expectCheckpoint } from '../../support/expectCheckpoint.ts';

let runFolder: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  runFolder = join(folder, 'runs', 'one');
  return () => rm(folder, { recursive: true });
});

const steps = async () => (await listCheckpoints(runFolder)).checkpoints.map(({ step }) => step);
const save = (step: number) => writeCheckpoint(runFolder, contentsOf(step));

async function flipBit(path: string, byte: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (byte % 8));
  await writeFile(path, bytes);
}

/** The disk, but for one bit of one file. */
function flippedAt(path: string, byte: number): FileSystem {
  return {
    ...diskFileSystem,
    async *read(asked) {
      const bytes = await readFile(asked);
      if (asked === path) bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (byte % 8));
      yield bytes;
    },
  };
}

describe('saving and loading', () => {
  test('a checkpoint loads as it was saved', async () => {
    const written = await save(20);
    const { checkpoints, quarantined } = await listCheckpoints(runFolder);
    expect(checkpoints).toEqual([written]);
    expect(quarantined).toEqual([]);
    expect(written).toMatchObject({ step: 20, sequence: 1 });
    await expectCheckpoint(written.folder, 20);
    expect(await readdir(written.folder)).toEqual(
      expect.arrayContaining(['manifest.json', 'optimizer.safetensors', 'state.json', 'weights.safetensors']),
    );
  });

  test('a run without checkpoints has none', async () => {
    expect(await listCheckpoints(runFolder)).toEqual({ checkpoints: [], quarantined: [] });
    expect(await newestVerified(runFolder)).toEqual({ checkpoint: undefined, quarantined: [] });
  });

  test('the newest is the one saved last, also after a return to an older step', async () => {
    for (const step of [100, 200, 150]) await save(step);
    expect(await steps()).toEqual([150, 200, 100]);
    expect((await newestVerified(runFolder)).checkpoint?.step).toBe(150);
  });

  test('a state that JSON cannot hold is refused before anything is written', async () => {
    const contents = contentsOf(1);
    const attempt = writeCheckpoint(runFolder, { ...contents, state: { ...contents.state, loss: NaN } });
    await expect(attempt).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('loss') as unknown,
    });
    expect(existsSync(checkpointsFolder(runFolder))).toBe(false);
  });

  test('what an interrupted save left is swept by the next', async () => {
    await save(1);
    const left = join(checkpointsFolder(runFolder), '.tmp-left');
    await diskFileSystem.makeFolder(left);
    await writeFile(join(left, 'weights.safetensors'), 'half');
    await save(2);
    expect(existsSync(left)).toBe(false);
  });

  test('other files in the folder are left alone', async () => {
    await save(1);
    const note = join(checkpointsFolder(runFolder), 'my notes.txt');
    await writeFile(note, 'mine');
    expect(await listCheckpoints(runFolder)).toMatchObject({ quarantined: [] });
    await pruneCheckpoints(runFolder, { keepNewest: 1 });
    expect(await readFile(note, 'utf8')).toBe('mine');
  });
});

describe('damage', () => {
  test('every flipped byte is noticed', async () => {
    const { folder } = await save(3);
    for (const name of await readdir(folder)) {
      const { length } = await readFile(join(folder, name));
      expect(length).toBeGreaterThan(50);
      for (let byte = 0; byte < length; byte += 1) {
        const rotten = flippedAt(join(folder, name), byte);
        await expect(readCheckpoint(folder, rotten), `${name} byte ${byte}`).rejects.toMatchObject({
          code: 'file-invalid',
        });
      }
    }
    await expectCheckpoint(folder, 3);
  });

  test.each(['weights.safetensors', 'optimizer.safetensors', 'state.json', 'manifest.json'])(
    'a checkpoint without its %s is quarantined, and the older one is the newest',
    async (name) => {
      const older = await save(1);
      const { folder } = await save(2);
      await rm(join(folder, name));
      const { checkpoints, quarantined } = await listCheckpoints(runFolder);
      expect(checkpoints).toEqual([older]);
      expect(quarantined).toMatchObject([
        { reason: expect.stringContaining(`${name} is missing`) as unknown },
      ]);
      expect(existsSync(folder)).toBe(false);
      expect(quarantined[0] !== undefined && (await readdir(quarantined[0].folder)).length).toBe(3);
    },
  );

  test('rot within a file is found when the newest is asked for', async () => {
    const older = await save(1);
    const { folder } = await save(2);
    await flipBit(join(folder, 'weights.safetensors'), 100);
    const { checkpoint, quarantined } = await newestVerified(runFolder);
    expect(checkpoint).toEqual(older);
    expect(quarantined).toMatchObject([
      { reason: expect.stringContaining('not as it was saved') as unknown },
    ]);
  });

  test('a checkpoint under the name of another is refused', async () => {
    const { folder } = await save(2);
    const renamed = folder.replace('000000002-', '000000009-');
    await rename(folder, renamed);
    await expect(readCheckpoint(renamed)).rejects.toThrow(/another checkpoint/);
  });

  test('a disk that does not answer is an error, not a damaged checkpoint', async () => {
    await save(1);
    const silent = { ...diskFileSystem, size: () => Promise.reject(new Error('EIO')) };
    await expect(listCheckpoints(runFolder, silent)).rejects.toThrow('EIO');
    expect(await steps()).toEqual([1]);
  });
});

describe('pruning', () => {
  test('keeps the newest, the best and the pinned', async () => {
    const ids = new Map<number, string>();
    for (const step of [1, 2, 3, 4, 5, 6]) ids.set(step, (await save(step)).id);
    const removed = await pruneCheckpoints(runFolder, { pinned: [ids.get(2) ?? ''], best: ids.get(1) ?? '' });
    expect(removed.map(({ step }) => step)).toEqual([3]);
    expect(await steps()).toEqual([6, 5, 4, 2, 1]);
    expect((await readdir(checkpointsFolder(runFolder))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('does not count a damaged one among those it keeps', async () => {
    for (const step of [1, 2, 3, 4]) await save(step);
    const [newest] = (await listCheckpoints(runFolder)).checkpoints;
    await flipBit(join(newest?.folder ?? '', 'optimizer.safetensors'), 90);
    expect(await pruneCheckpoints(runFolder, {})).toEqual([]);
    expect((await newestVerified(runFolder)).checkpoint?.step).toBe(3);
    expect(await steps()).toEqual([3, 2, 1]);
  });
});
