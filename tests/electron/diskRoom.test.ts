/** Runs on a disk that fills up, as the studio keeps them; needs the right to mount one. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { openHost } from '../../electron/host.ts';
import { studioContract } from '../../engine/contract/messages.ts';

/** Making a mount namespace asks for the same right as mounting. */
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

function system(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

describe.skipIf(!canMount)('a disk that fills up', () => {
  let disk = '';
  // A checkpoint here takes 4 MB, and twice as much must be free for each.
  beforeAll(async () => {
    disk = await mkdtemp(path.join(tmpdir(), 'stillroom-disk-'));
    system('mount', '-t', 'tmpfs', '-o', 'size=16m', 'stillroom-test', disk);
  });
  afterAll(async () => {
    system('umount', disk);
    await rm(disk, { recursive: true });
  });

  it('holds the queue, and the run goes on by itself when there is room', async () => {
    const host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: disk });
    const [ours, theirs] = memoryTransports();
    host.accept(theirs);
    const { api } = connect(studioContract, ours);
    await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 60_000 }).toBe('ready');
    const [project] = await api.projects.list();
    const start = (name: string, width: number, iterations: number) =>
      api.runs.start({
        ...{ projectId: project?.id ?? '', kind: 'teacher' },
        recipe: {
          ...{ name, data: 'toy', network: { width, layers: 2 } },
          training: { iterations, batch: 8, checkpointEvery: 1 },
        },
      });
    const large = await start('Large', 480, 6);
    const small = await start('Small', 16, 1);
    const statusOf = async ({ id }: { readonly id: string }) => (await api.runs.get({ id })).status;

    await expect
      .poll(async () => (await api.runs.get({ id: large.id })).error, { timeout: 60_000 })
      .toMatchObject({ code: 'disk-full', hint: expect.stringContaining('by itself') as string });
    const waiting = await api.runs.get({ id: large.id });
    expect(waiting).toMatchObject({ status: 'queued' });
    expect(waiting.error?.message).toMatch(/the checkpoint of step \d is kept/);
    // What stands behind it would fail alike, and is not begun.
    expect(await api.runs.order()).toEqual({ ids: [large.id, small.id] });

    system('mount', '-o', 'remount,size=64m', disk);
    await expect.poll(() => statusOf(small), { timeout: 60_000 }).toBe('done');
    expect(await api.runs.get({ id: large.id })).toMatchObject({ status: 'done', error: null });
    await host.close();
  }, 180_000);
});
