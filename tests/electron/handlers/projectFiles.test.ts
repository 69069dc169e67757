/** A project with a real toy run as one file: saved by one host, opened by another, whose engine then goes on with it. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Client } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { openHost, type Host } from '../../../electron/host.ts';
import { itemMedia } from '../../../engine/contract/messages/gallery.ts';
import { studioContract, type StudioContract } from '../../../engine/contract/messages.ts';

let folder = '';
let host: Host;
let client: Client<StudioContract>;

async function open(name: string): Promise<void> {
  host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: path.join(folder, name) });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  client = connect(studioContract, ours);
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 90_000 })
    .toBe('ready');
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-project-file-'));
});

afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const until = (id: string, status: string) =>
  expect.poll(async () => (await client.api.runs.get({ id })).status, { timeout: 60_000 }).toBe(status);

async function curvesOf(id: string) {
  const { metrics } = await client.api.runs.get({ id });
  return Promise.all(metrics.map((name) => client.api.runs.curve({ id, name, pieces: 50 })));
}

/** What the student makes of one seed, as pixels. */
async function pictureOf(projectId: string, runId: string): Promise<Buffer> {
  const column = { model: `run:${runId}`, steps: 2, guidance: null };
  await client.api.gallery.render({ projectId, columns: [column], prompts: [], seeds: [7] });
  const { items } = await client.api.gallery.list({ projectId });
  const item = items.find(({ seed }) => seed === 7);
  const file = await host.media(item ? itemMedia(item) : '');
  return sharp(file?.file).raw().toBuffer();
}

it('goes on elsewhere with the same student and the same curve', { timeout: 180_000 }, async () => {
  await open('here');
  const { id: projectId } = await client.api.projects.create({ name: 'Toys' });
  const training = { iterations: 20, batch: 8, checkpointEvery: 5, sampleEvery: 10 };
  const recipe = { name: 'Pair', teacher: 'toy', data: 'toy', student: { steps: 2 }, training };
  const { id: runId } = await client.api.runs.start({ projectId, kind: 'distillation', recipe });
  await until(runId, 'done');
  const { checkpoints } = await client.api.runs.get({ id: runId });
  const [pinned] = checkpoints.filter(({ step }) => step === 15);
  await client.api.runs.pinCheckpoint({ checkpointId: pinned?.id ?? '', pinned: true });
  const before = await pictureOf(projectId, runId);
  const curves = await curvesOf(runId);
  const told: number[] = [];
  const { bytes, media } = await client.api.projects.save(
    { id: projectId, withPictures: true, target: null },
    { onProgress: (done) => told.push(done) },
  );
  const saved = await host.media(media ?? '');
  const file = path.join(folder, 'Toys.stillroom');
  await copyFile(saved?.file ?? '', file);
  expect((await readFile(file)).length).toBe(bytes);
  expect(told.length).toBeGreaterThan(0);
  await host.close();

  await open('there');
  const { id: source } = host.sources.add(file);
  expect(await client.api.projects.kindOfFile({ source })).toEqual({ kind: 'project' });
  const project = await client.api.projects.openFile({ source });
  expect(project).toMatchObject({ id: projectId, name: 'Toys', runs: 1, students: 1, isDemo: false });
  const { items } = await client.api.gallery.list({ projectId });
  expect(items).toHaveLength(1);
  await client.api.gallery.discard({ ids: items.map(({ id }) => id) });
  expect((await pictureOf(projectId, runId)).equals(before)).toBe(true);
  expect(await curvesOf(runId)).toEqual(curves);
  expect(curves.length).toBeGreaterThan(3);
  const there = await client.api.runs.get({ id: runId });
  expect(there.checkpoints.map(({ step }) => step)).toEqual([15]);
  const fork = await client.api.runs.fork({
    ...{ id: runId, checkpointId: pinned?.id ?? '', name: 'Pair on' },
    changes: { 'training.iterations': 18 },
  });
  await until(fork.id, 'done');
});

it('says what is wrong with another file', async () => {
  const file = path.join(folder, 'wrong.stillroom');
  await writeFile(file, 'not a zip');
  const { id: source } = host.sources.add(file);
  const before = await client.api.projects.list();
  await expect(client.api.projects.kindOfFile({ source })).rejects.toMatchObject({ code: 'file-invalid' });
  await expect(client.api.projects.openFile({ source })).rejects.toMatchObject({
    code: 'file-invalid',
    message: 'This project file cannot be opened: it is damaged or no .stillroom file; nothing was changed.',
  });
  expect(await client.api.projects.list()).toEqual(before);
});
