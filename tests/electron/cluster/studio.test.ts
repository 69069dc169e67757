/** Sweeps of the studio on a cluster: submitted, heard of, paused; and what a silent cluster changes: nothing. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type Client } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { TaskJournal } from '../../../electron/cluster/taskJournal.ts';
import { openHost, type Host } from '../../../electron/host.ts';
import { clusterOptionsSchema } from '../../../engine/contract/cluster.ts';
import type { Plan } from '../../../engine/contract/messages/sweeps.ts';
import { studioContract, type StudioContract } from '../../../engine/contract/messages.ts';
import { fakeSlurm, type FakeSlurm } from '../../support/fakeSlurm.ts';

let slurm: FakeSlurm;
let folder = '';
let host: Host;
let client: Client<StudioContract>;
let projectId = '';

const plan: Plan = {
  kind: 'sweep',
  recipe: { teacher: 'toy', data: 'toy' },
  vary: { 'student.steps': [1, 2] },
  seeds: [3],
};
const open = async () => {
  host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: folder });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  client = connect(studioContract, ours);
};
const stateOf = async () => (await client.api.sweeps.list({ projectId }))[0];
const statuses = async () => (await client.api.runs.list({ projectId })).map(({ status }) => status);

beforeAll(async () => {
  slurm = await fakeSlurm();
  vi.stubEnv('PATH', `${slurm.folder}:${process.env['PATH'] ?? ''}`);
  folder = await mkdtemp(path.join(tmpdir(), 'cluster-studio-'));
  await open();
  projectId = (await client.api.projects.create({ name: 'Toys' })).id;
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await host.close();
  await rm(folder, { recursive: true, force: true });
  await slurm[Symbol.asyncDispose]();
});

test('sweeps go where was chosen, a refusal leaves them paused, and what the cluster tells is seen', async () => {
  const options = clusterOptionsSchema.parse({ time: '30' });
  expect(await client.api.sweeps.place()).toMatchObject({ hasCluster: true, place: { on: 'here' } });
  await expect(
    client.api.sweeps.setPlace({ on: 'slurm', options: { ...options, partition: '$(id)' } }),
  ).rejects.toMatchObject({ code: 'input-invalid', field: 'options.partition' });
  await client.api.sweeps.setPlace({ on: 'slurm', options });

  await slurm.submits('refuse');
  await expect(client.api.sweeps.start({ projectId, plan })).rejects.toMatchObject({
    code: 'cluster-unavailable',
  });
  expect(await stateOf()).toMatchObject({ state: 'paused', cluster: null });
  expect(await client.api.runs.order()).toEqual({ ids: [] });

  await slurm.submits('take');
  await slurm.says(['PENDING', 'PENDING']);
  const { id } = (await stateOf()) ?? { id: '' };
  await client.api.sweeps.resume({ id });
  expect(await stateOf()).toMatchObject({ state: 'waiting', cluster: { job: '1', problem: null } });
  expect(await slurm.words()).toContain('--time=30');
  const [run] = await client.api.runs.list({ projectId });
  await expect(client.api.runs.resume({ id: run?.id ?? '' })).rejects.toMatchObject({ code: 'busy' });
  await expect(client.api.sweeps.discard({ id })).rejects.toMatchObject({ code: 'busy' });

  // The studio is closed and opened again meanwhile.
  await host.close();
  const [submission = ''] = await readdir(path.join(folder, 'cluster'));
  const tell = new TaskJournal(path.join(folder, 'cluster', submission), 0);
  tell.tell({ kind: 'began', iteration: 0 });
  tell.tell({ kind: 'metrics', points: [{ name: 'quality.toTeacher', step: 10, value: 0.5 }] });
  tell.tell({ kind: 'ended', status: 'done' });
  await slurm.says(['COMPLETED', 'RUNNING']);
  await open();
  await expect.poll(statuses, { timeout: 20_000 }).toContain('done');
  expect((await client.api.sweeps.report({ id })).rows[0]?.cells[0]?.final).toEqual({ toTeacher: 0.5 });
  await slurm.answers('down');
  await expect.poll(async () => (await stateOf())?.cluster?.problem, { timeout: 20_000 }).toContain('Unable');
  expect(await stateOf()).toMatchObject({ state: 'waiting', done: 1, cluster: { job: '1' } });

  await slurm.answers('answer');
  await client.api.sweeps.pause({ id });
  expect(await slurm.cancelled()).toBe('1');
  await slurm.says(['COMPLETED', 'CANCELLED']);
  await expect.poll(async () => (await stateOf())?.state, { timeout: 20_000 }).toBe('paused');
  expect((await statuses()).toSorted()).toEqual(['done', 'paused']);
});
