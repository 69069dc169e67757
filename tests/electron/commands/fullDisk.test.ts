/** A data folder on a disk that fills up while a teacher trains; needs the right to mount one. */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyToy, useCommandLine } from '../../support/commandLine.ts';

/** Making a mount namespace asks for the same right as mounting. */
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.skipIf(!canMount)('a full disk', () => {
  const commandLine = useCommandLine();
  const disk = () => path.join(commandLine.folder, 'disk');
  const system = (command: string, ...words: string[]) => {
    const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
  };
  // A checkpoint here takes 4 MB, and twice as much must be free for each.
  beforeAll(async () => {
    await mkdir(disk());
    system('mount', '-t', 'tmpfs', '-o', 'size=16m', 'stillroom-test', disk());
  });
  afterAll(() => system('umount', disk()));

  it('keeps the last checkpoint, says which, and goes on when there is space', async () => {
    const words = [
      ...tinyToy,
      '--network.width=480',
      '--network.layers=2',
      '--training.iterations=6',
      '--training.checkpointEvery=1',
    ];
    const full = await commandLine.run([...words, '--name=Full', '--out=full'], { data: disk() });
    expect(full.output).toMatch(
      /The checkpoint of step \d was not saved because the disk is full; the checkpoint of step \d is kept/,
    );
    expect(full.code).toBe(2);
    system('mount', '-o', 'remount,size=64m', disk());
    const resumed = await commandLine.run(['train-teacher', '--resume=Full', '--out=full'], { data: disk() });
    expect(resumed.output).toContain('Resumed at iteration');
    expect(resumed.code).toBe(0);
  });
});
