/** Sweeps over the bridge, with the real queue and engine on the toy. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Client } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { openHost, type Host } from '../../../electron/host.ts';
import type { Plan } from '../../../engine/contract/messages/sweeps.ts';
import { studioContract, type StudioContract } from '../../../engine/contract/messages.ts';

let folder = '';
let host: Host;
let client: Client<StudioContract>;
let projectId = '';
let sweepId = '';

/** Long enough to be paused in the middle. */
const plan: Plan = {
  kind: 'sweep',
  recipe: {
    ...{ teacher: 'toy', data: 'toy' },
    training: { iterations: 400, batch: 8, checkpointEvery: 100, sampleEvery: 400 },
  },
  vary: { 'student.steps': [1, 2] },
  seeds: [3],
};

const stateOf = async () => (await client.api.sweeps.list({ projectId })).find(({ id }) => id === sweepId);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-sweeps-'));
  host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: folder });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  client = connect(studioContract, ours);
  projectId = (await client.api.projects.create({ name: 'Toys' })).id;
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

it('refuses what no recipe knows, and a teacher that was not chosen here, before anything is kept', async () => {
  await expect(
    client.api.sweeps.start({ projectId, plan: { ...plan, vary: { 'student.stepps': [1] } } }),
  ).rejects.toThrow('the nearest is student.steps');
  const foreign: Plan = { kind: 'experiment', experiment: 'observer', teacher: '/etc', seeds: [1] };
  await expect(client.api.sweeps.start({ projectId, plan: foreign })).rejects.toMatchObject({
    code: 'recipe-invalid',
    field: 'teacher',
  });
  expect(await client.api.sweeps.list({ projectId })).toEqual([]);
  expect(await client.api.runs.list({ projectId })).toEqual([]);
});

it('knows no time before it was measured, and one afterwards', { timeout: 120_000 }, async () => {
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 90_000 })
    .toBe('ready');
  expect(await client.api.sweeps.estimate({ plan })).toEqual({ runs: 2, seconds: null });
  const { seconds } = await client.api.sweeps.measure({ plan });
  expect(seconds).toBeGreaterThan(0);
  expect(await client.api.sweeps.estimate({ plan })).toEqual({ runs: 2, seconds });
});

it('is paused, not removed while it runs, and goes on', { timeout: 90_000 }, async () => {
  sweepId = (await client.api.sweeps.start({ projectId, plan })).id;
  await expect.poll(async () => (await stateOf())?.state, { timeout: 30_000 }).toBe('running');
  await expect(client.api.sweeps.discard({ id: sweepId })).rejects.toMatchObject({ code: 'busy' });
  expect(await client.api.sweeps.pause({ id: sweepId })).toMatchObject({ state: 'paused', total: 2 });
  await client.api.sweeps.resume({ id: sweepId });
  await expect.poll(async () => (await stateOf())?.state, { timeout: 60_000 }).toBe('done');
  expect((await client.api.runs.list({ projectId })).map(({ status }) => status)).toEqual(['done', 'done']);
});

it('reports every variant, takes the report away, and forgets the plan but not the runs', async () => {
  const report = await client.api.sweeps.report({ id: sweepId });
  expect(report.rows.map(({ name }) => name)).toEqual(['Steps 1', 'Steps 2']);
  for (const { cells } of report.rows) {
    expect(cells[0]?.curves['toTeacher']?.map(([step]) => step)).toEqual([0, 400]);
    expect(cells[0]?.picture).toMatch(/^samples\//);
  }
  expect(report).toMatchObject({ verdict: null, progress: { done: 2, total: 2 } });
  const exported = await client.api.sweeps.exportReport({ id: sweepId });
  expect(await readdir(exported.folder)).toEqual(
    expect.arrayContaining(['index.html', 'numbers.csv', 'report.json', 'parallel-coordinates.png']),
  );
  await client.api.sweeps.discard({ id: sweepId });
  expect(await client.api.sweeps.list({ projectId })).toEqual([]);
  expect(await client.api.runs.list({ projectId })).toHaveLength(2);
});
