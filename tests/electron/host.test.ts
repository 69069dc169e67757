/** The host with the real engine in its own process: a run is trained, paused, resumed, killed, forked and sampled. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Client } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { forkChild, type Child } from '../../electron/childProcess.ts';

import { openHost, type Host } from '../../electron/host.ts';
import { studioContract, type StudioContract } from '../../engine/contract/messages.ts';
import type { Run } from '../../engine/contract/messages/runs.ts';

let folder = '';
let host: Host;
let client: Client<StudioContract>;
let child: Child | undefined;

const open = async () => {
  host = await openHost({
    ...{ host: 'lab', version: '0.0.0', dataFolder: folder },
    startChild: (module) => (child = forkChild(module)),
  });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  client = connect(studioContract, ours);
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-host-'));
  await open();
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const toy = (iterations: number) => ({
  ...{ name: 'Toy', teacher: 'toy', data: 'toy', student: { steps: 2 } },
  training: { iterations, batch: 8, checkpointEvery: 10, sampleEvery: 1000 },
});

async function start(iterations: number): Promise<Run> {
  const [project] = await client.api.projects.list();
  return client.api.runs.start({
    ...{ projectId: project?.id ?? '', kind: 'distillation', recipe: toy(iterations) },
  });
}

const untilStatus = (id: string, status: Run['status']) =>
  expect.poll(async () => (await client.api.runs.get({ id })).status, { timeout: 60_000 }).toBe(status);

it('starts its engine', { timeout: 90_000 }, async () => {
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 90_000 })
    .toBe('ready');
});

it('has the demo project at first start', async () => {
  const [demo, ...others] = await client.api.projects.list();
  expect(others).toEqual([]);
  expect(demo).toMatchObject({ isDemo: true, runs: 0 });
});

it('says what computes and why', async () => {
  const { engine, resources } = await client.api.app.state();
  expect(engine.backend?.reason).not.toBe('');
  expect(engine.candidates.filter(({ outcome }) => outcome === 'chosen')).toHaveLength(1);
  expect(resources.networkRequests).toBe(0);
  expect(resources.disk.free).toBeGreaterThan(0);
});

it('trains a run to its end and tells curves, checkpoints and states meanwhile', async () => {
  const statuses: string[] = [];
  const steps: number[] = [];
  const stops = [
    client.on('runs.changed', ({ status }) => statuses.push(status)),
    client.on('runs.metrics', ({ points }) => steps.push(...points.map(({ step }) => step))),
  ];
  const { id } = await start(25);
  await untilStatus(id, 'done');
  await expect.poll(() => steps.at(-1)).toBe(25);
  expect(steps).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  await expect.poll(() => statuses.at(-1)).toBe('done');
  const run = await client.api.runs.get({ id });
  expect(run.checkpoints.map(({ step }) => step)).toEqual([25, 20, 10]);
  const [metric = ''] = run.metrics;
  expect(await client.api.runs.curve({ id, name: metric })).toHaveLength(25);
  // The student lies in the run's own folder.
  const model = JSON.parse(
    await readFile(path.join(folder, 'runs', id, 'student/model.json'), 'utf8'),
  ) as unknown;
  expect(model).toMatchObject({ role: 'student', name: 'Toy' });
  for (const stop of stops) stop();
});

it('pauses with a checkpoint, queues another run meanwhile, and resumes where it was', async () => {
  const { id } = await start(4000);
  await expect
    .poll(async () => (await client.api.runs.get({ id })).checkpoints.length, { timeout: 60_000 })
    .toBeGreaterThan(0);
  const second = await start(3);
  expect(second.status).toBe('queued');
  const paused = await client.api.runs.pause({ id });
  expect(paused).toMatchObject({ status: 'paused', error: null });
  const step = (await client.api.runs.get({ id })).checkpoints[0]?.step ?? 0;
  await untilStatus(second.id, 'done');
  const steps: number[] = [];
  const stop = client.on('runs.metrics', ({ runId, points }) => {
    if (runId === id) steps.push(...points.map((point) => point.step));
  });
  await client.api.runs.resume({ id });
  await expect.poll(() => steps[0], { timeout: 60_000 }).toBe(step + 1);
  await client.api.runs.pause({ id });
  stop();
});

it('never prunes a pinned checkpoint, and forgets the pruned', async () => {
  const { id } = await start(4000);
  const checkpoints = async () => (await client.api.runs.get({ id })).checkpoints;
  await expect.poll(async () => (await checkpoints()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  const pinned = (await checkpoints())[0];
  await client.api.runs.pinCheckpoint({ checkpointId: pinned?.id ?? '', pinned: true });
  const later = (pinned?.step ?? 0) + 50;
  await expect
    .poll(async () => (await checkpoints())[0]?.step, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(later);
  await client.api.runs.pause({ id });
  const kept = await checkpoints();
  // The newest three and the pinned one, in the index as on disk.
  expect(kept).toHaveLength(4);
  expect(kept.at(-1)).toMatchObject({ id: pinned?.id, pinned: true });
  expect(await readdir(path.join(folder, 'runs', id, 'checkpoints'))).toHaveLength(4);
});

it('goes on with the run when the engine is killed', { timeout: 180_000 }, async () => {
  const { id } = await start(4000);
  const steps: number[] = [];
  const stop = client.on('runs.metrics', ({ runId, points }) => {
    if (runId === id) steps.push(...points.map((point) => point.step));
  });
  await expect.poll(() => steps.at(-1), { timeout: 60_000 }).toBeGreaterThan(12);
  child?.kill();
  await expect
    .poll(async () => (await client.api.app.state()).engine, { timeout: 60_000 })
    .toMatchObject({ status: 'ready', restarts: 1 });
  const before = steps.length;
  await expect.poll(() => steps.length, { timeout: 60_000 }).toBeGreaterThan(before);
  // It goes on after its newest checkpoint: at one of the multiples of ten.
  const jumps = steps.filter((step, i) => i > 0 && step !== (steps[i - 1] ?? 0) + 1);
  expect(jumps.filter((step) => step % 10 !== 1)).toEqual([]);
  expect((await client.api.runs.get({ id })).status).toBe('running');
  expect(await client.api.runs.pause({ id })).toMatchObject({ status: 'paused', error: null });
  stop();
});

it('forks from a checkpoint with a change, and leaves the parent as it is', async () => {
  const parent = (await client.api.runs.list({})).find(({ iterations }) => iterations === 25);
  const { checkpoints } = await client.api.runs.get({ id: parent?.id ?? '' });
  const from = checkpoints.find(({ step }) => step === 20);
  const asked = { id: parent?.id ?? '', checkpointId: from?.id ?? '', name: 'Weaker' };
  await expect(
    client.api.runs.fork({ ...asked, changes: { 'cfgAugmentation.weigth': 0.5 } }),
  ).rejects.toMatchObject({ code: 'recipe-invalid', field: 'cfgAugmentation.weigth' });
  const fork = await client.api.runs.fork({ ...asked, changes: { 'cfgAugmentation.weight': 0.5 } });
  expect(fork).toMatchObject({ name: 'Weaker', parentRunId: parent?.id, parentStep: 20 });
  await untilStatus(fork.id, 'done');
  const curve = await client.api.runs.curve({ id: fork.id, name: (await metricsOf(fork.id))[0] ?? '' });
  expect(curve.map(({ step }) => step)).toEqual([21, 22, 23, 24, 25]);
  expect((await client.api.runs.get({ id: fork.id })).recipe).toMatchObject({
    cfgAugmentation: { weight: 0.5 },
  });
  expect((await client.api.runs.get({ id: parent?.id ?? '' })).checkpoints).toEqual(checkpoints);
});

const metricsOf = async (id: string) => (await client.api.runs.get({ id })).metrics;

it('refuses recipes at fault and paths from windows, naming the field', async () => {
  const [project] = await client.api.projects.list();
  const projectId = project?.id ?? '';
  const begin = (recipe: Record<string, string | { steps: number }>) =>
    client.api.runs.start({ projectId, kind: 'distillation', recipe });
  await expect(begin({ student: { steps: 9 } })).rejects.toMatchObject({
    code: 'recipe-invalid',
    field: 'student.steps',
  });
  for (const field of ['teacher', 'data'])
    for (const value of ['/etc', '../x', 'data', 'run:x'])
      await expect(begin({ [field]: value })).rejects.toMatchObject({ code: 'recipe-invalid', field });
  const wrong = { student: { steps: 9 } };
  const saved = await client.api.recipes.save({ projectId, kind: 'distillation', recipe: wrong });
  expect(saved.problem).toMatchObject({ field: 'student.steps' });
  expect((await client.api.recipes.draft({ projectId, kind: 'distillation' })).recipe).toEqual(wrong);
});

it('samples a teacher into pictures that only their ids find', async () => {
  const teachers = await client.api.teachers.list();
  expect(teachers.map(({ teacher }) => teacher)).toEqual(['emoji', 'toy']);
  expect(teachers[0]).toMatchObject({ size: 32, readsCaptions: true, family: 'dit' });
  const { pictures, evaluations } = await client.api.teachers.sample({
    ...{ teacher: 'toy', prompts: [], seed: 1, guidance: 2, steps: 3 },
  });
  expect(evaluations).toBe(6);
  const media = await host.media(pictures[0]?.media ?? '');
  expect((await sharp(media?.file).metadata()).format).toBe('png');
  for (const bad of [
    'pictures/../x',
    'samples/x',
    'pictures/',
    '/etc/passwd',
    `other/${pictures[0]?.media ?? ''}`,
  ])
    expect(await host.media(bad)).toBeUndefined();
});

it('keeps settings, drafts and runs over a restart, and the demo project stays away', async () => {
  await client.api.settings.change({ theme: 'grey' });
  const [demo] = await client.api.projects.list();
  await client.api.projects.create({ name: 'Mine' });
  await client.api.projects.discard({ id: demo?.id ?? '' });
  await host.close();
  await open();
  expect(await client.api.settings.get()).toMatchObject({ theme: 'grey', language: 'system' });
  expect((await client.api.projects.list()).map(({ name }) => name)).toEqual(['Mine']);
});
