import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeCheckpoint } from '../../../engine/training/checkpoint.ts';
import {
  checkpointsFolder,
  listCheckpoints,
  newestVerified,
  pruneCheckpoints,
} from '../../../engine/training/checkpointFolder.ts';
import { diskFileSystem } from '../../../engine/training/fileSystem.ts';
import { contentsOf } from '../../support/checkpointContents.ts';
import { expectCheckpoint } from '../../support/expectCheckpoint.ts';
import { systemError, watchedDisk } from '../../support/faultyDisk.ts';
import { ForgetfulDisk } from '../../support/forgetfulDisk.ts';
import { generator } from '../../support/safetensorsMutants.ts';

const long = process.env['STILLROOM_FAULTS'] === 'long';

let folder: string;
let runFolder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  runFolder = join(folder, 'runs', 'one');
  return () => rm(folder, { recursive: true });
});

describe('a call that fails', () => {
  test.each(['EIO', 'ENOSPC'])(
    'at any point with %s leaves the older checkpoint and no half one',
    async (code) => {
      await writeCheckpoint(runFolder, contentsOf(1));
      const failed = new Set<string>();
      for (let at = 0; ; at += 1) {
        const files = watchedDisk(diskFileSystem, (call, index) => {
          if (index < at) return;
          failed.add(call);
          throw systemError(code);
        });
        const outcome = await writeCheckpoint(runFolder, contentsOf(2 + at), files).catch(
          (error: unknown) => error,
        );
        if (!(outcome instanceof Error)) break;
        expect(outcome).toMatchObject({
          code: code === 'ENOSPC' ? 'disk-full' : 'internal',
          message: expect.stringMatching(/was not saved.* the checkpoint of step \d+ is kept/) as unknown,
        });
        const { checkpoints, quarantined } = await listCheckpoints(runFolder);
        expect(quarantined).toEqual([]);
        for (const checkpoint of checkpoints) await expectCheckpoint(checkpoint.folder, checkpoint.step);
        expect(checkpoints.at(-1)?.step).toBe(1);
      }
      expect(failed).toEqual(
        new Set(['makeFolder', 'create', 'write', 'sync', 'close', 'rename', 'syncFolder', 'remove']),
      );
    },
  );

  test('a disk that reports success and writes nothing is found out', async () => {
    const files = {
      ...diskFileSystem,
      create: async (path: string) => ({
        ...(await diskFileSystem.create(path)),
        write: () => Promise.resolve(),
      }),
    };
    await expect(writeCheckpoint(runFolder, contentsOf(1), files)).rejects.toThrow(/has 0 bytes instead of/);
    expect(await listCheckpoints(runFolder)).toEqual({ checkpoints: [], quarantined: [] });
  });
});

describe('a full disk', () => {
  test('is noticed before anything is written', async () => {
    await writeCheckpoint(runFolder, contentsOf(1));
    const files = watchedDisk({ ...diskFileSystem, freeBytes: () => Promise.resolve(500) }, (call) => {
      if (call === 'create') throw new Error('wrote on a full disk');
    });
    await expect(writeCheckpoint(runFolder, contentsOf(2), files)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('step 1 is kept') as unknown,
    });
  });

  test('a real one pauses the saving and keeps what it has', async ({ skip }) => {
    const disk = join(folder, 'small');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('mounting a small disk needs Linux and root');
    }
    try {
      const boundless = { ...diskFileSystem, freeBytes: () => Promise.resolve(Infinity) };
      const large = 2 ** 16; // 256 KiB of weights: three fit
      for (const step of [1, 2, 3])
        await writeCheckpoint(join(disk, 'run'), contentsOf(step, large), boundless);
      const attempt = writeCheckpoint(join(disk, 'run'), contentsOf(4, large), boundless);
      await expect(attempt).rejects.toMatchObject({ code: 'disk-full' });
      await expect(writeCheckpoint(join(disk, 'run'), contentsOf(4, large))).rejects.toThrow(
        /needs .* MB free/,
      );
      const { checkpoint } = await newestVerified(join(disk, 'run'));
      await expectCheckpoint(checkpoint?.folder ?? '', 3, { size: large });
      expect((await readdir(checkpointsFolder(join(disk, 'run')))).length).toBe(3);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('a power cut', () => {
  /** Saves until the power fails at a random call; returns the last committed step and the machine after it. */
  async function schedule(seed: number, ignores: 'nothing' | 'file syncs' | 'folder syncs') {
    const random = generator(seed + 1);
    const disk = new ForgetfulDisk(random, ignores);
    const end = Math.floor(random() * 160);
    const powerFailed = new Error('the power failed');
    const files = watchedDisk(disk, (_, index) => {
      if (index >= end) throw powerFailed;
    });
    let committed = 0;
    try {
      for (let step = 1; step <= 6; step += 1) {
        await writeCheckpoint('/runs/one', contentsOf(step), files);
        committed = step;
        await pruneCheckpoints('/runs/one', { keepNewest: 2 }, files);
      }
    } catch (error) {
      if (error !== powerFailed && !(error instanceof Error && error.cause === powerFailed)) throw error;
    }
    disk.cutPower();
    return { committed, disk };
  }

  test('loses no committed checkpoint and shows no half one', async () => {
    for (let seed = 0; seed < (long ? 2000 : 200); seed += 1) {
      const { committed, disk } = await schedule(seed, 'nothing');
      const { checkpoint, quarantined } = await newestVerified('/runs/one', disk);
      expect(quarantined, `seed ${seed}`).toEqual([]);
      expect(checkpoint?.step ?? 0, `seed ${seed}`).toBeGreaterThanOrEqual(committed);
      if (checkpoint !== undefined)
        await expectCheckpoint(checkpoint.folder, checkpoint.step, { files: disk });
      await writeCheckpoint('/runs/one', contentsOf(9), disk);
      expect((await newestVerified('/runs/one', disk)).checkpoint?.step).toBe(9);
    }
  });

  test.each(['file syncs', 'folder syncs'] as const)(
    'would lose some on a disk that ignores %s',
    async (ignores) => {
      let lost = 0;
      for (let seed = 0; seed < 50; seed += 1) {
        const { committed, disk } = await schedule(seed, ignores);
        const { checkpoint } = await newestVerified('/runs/one', disk);
        if ((checkpoint?.step ?? 0) < committed) lost += 1;
      }
      expect(lost).toBeGreaterThan(5);
    },
  );
});

describe('a killed process', () => {
  const writer = join(import.meta.dirname, '../../support/checkpointWriter.ts');
  const size = 2 ** 14;

  /** Runs the writer until it is killed; returns the last step that it called committed. */
  async function runUntilKilled(killAfterMs: number | undefined, killAt = 'never'): Promise<number> {
    const child = spawn(process.execPath, [writer, runFolder, String(size), killAt], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      if (output === '' && killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      output += text.toString();
    });
    await new Promise((resolve) => child.once('close', resolve));
    return Number(output.trim().split('\n').at(-1));
  }

  async function expectNothingLost(committed: number): Promise<void> {
    const { checkpoint, quarantined } = await newestVerified(runFolder);
    expect(quarantined).toEqual([]);
    expect(checkpoint?.step ?? 0).toBeGreaterThanOrEqual(committed);
    if (checkpoint !== undefined) await expectCheckpoint(checkpoint.folder, checkpoint.step, { size });
  }

  test('at random moments loses no committed checkpoint, and the next one goes on', async () => {
    let committed = 0;
    for (let kill = 0; kill < (long ? 200 : 12); kill += 1) {
      const last = await runUntilKilled(Math.random() * 40);
      expect(last).toBeGreaterThan(committed);
      committed = last;
      await expectNothingLost(committed);
    }
  });

  test.runIf(long)('at every write, sync and rename loses no committed checkpoint', async () => {
    for (let at = 0; at < 60; at += 1) await expectNothingLost(await runUntilKilled(undefined, String(at)));
  });
});
