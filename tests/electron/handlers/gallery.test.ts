/** The gallery and the library over the bridge, with the real engine on the toy: nothing here is played by a stand-in. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Client } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { openHost, type Host } from '../../../electron/host.ts';
import { columnKey, itemMedia, type Column } from '../../../engine/contract/messages/gallery.ts';
import { studioContract, type StudioContract } from '../../../engine/contract/messages.ts';
import { readProvenance } from '../../../engine/data/png.ts';

let folder = '';
let host: Host;
let client: Client<StudioContract>;
let projectId = '';
let runId = '';
const teacher: Column = { model: 'toy', steps: 4, guidance: 1.5 };
const student = (): Column => ({ model: `run:${runId}`, steps: 2, guidance: null });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-gallery-'));
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

it('has a student', { timeout: 180_000 }, async () => {
  const recipe = {
    ...{ name: 'Pair', teacher: 'toy', data: 'toy', student: { steps: 2 } },
    training: { iterations: 12, batch: 8, checkpointEvery: 6, sampleEvery: 1000 },
  };
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 90_000 })
    .toBe('ready');
  runId = (await client.api.runs.start({ projectId, kind: 'distillation', recipe })).id;
  await expect
    .poll(async () => (await client.api.runs.get({ id: runId })).status, { timeout: 60_000 })
    .toBe('done');
});

it('offers the bundled teachers, the student and its checkpoints', async () => {
  const sources = await client.api.gallery.sources({ projectId });
  expect(sources.slice(0, 2).map(({ model }) => model)).toEqual(['emoji', 'toy']);
  expect(sources.slice(2).map(({ name, iteration }) => [name, iteration])).toEqual([
    ['Pair', null],
    ['Pair', 12],
    ['Pair', 6],
  ]);
  expect(sources.at(2)).toMatchObject({ model: `run:${runId}`, teacher: 'toy', role: 'student', steps: 2 });
});

it('fills a grid once, each cell from the noise of its seed, and each picture carries its recipe', async () => {
  const asked = { projectId, columns: [teacher, student()], prompts: [], seeds: [1, 2] };
  const done: number[] = [];
  expect(await client.api.gallery.render(asked, { onProgress: (now) => done.push(now) })).toEqual({
    made: 4,
  });
  expect(done.at(-1)).toBe(4);
  // Only what is missing is made, and an earlier seed beside a new one is the same picture as alone.
  expect(await client.api.gallery.render({ ...asked, seeds: [2, 3] })).toEqual({ made: 2 });
  const { items } = await client.api.gallery.list({ projectId });
  expect(items).toHaveLength(6);
  const of = (column: Column, seed: number) =>
    items.find((item) => columnKey(item.column) === columnKey(column) && item.seed === seed);
  const bytes = async (id = '') => readFile((await host.media(itemMedia({ id })))?.file ?? '');
  const first = await bytes(of(student(), 1)?.id);
  expect(readProvenance(first)).toMatchObject({ seed: 1, student: 'Pair', recipe: { name: 'Pair' } });
  expect(first.equals(await bytes(of(student(), 2)?.id))).toBe(false);
  expect(of(teacher, 1)).toMatchObject({ evaluations: 8, rating: 0 });
  // Many at once are the same files; one that is not there is null.
  const ids = [of(student(), 1)?.id ?? '', randomUUID()];
  expect(await client.api.gallery.pictures({ ids })).toEqual([first.toString('base64'), null]);
});

it('refuses a teacher without guidance and a model that is not there', async () => {
  const asked = { projectId, prompts: [], seeds: [1] };
  await expect(
    client.api.gallery.render({ ...asked, columns: [{ ...teacher, guidance: null }] }),
  ).rejects.toMatchObject({ code: 'input-invalid', field: 'guidance' });
  const gone = { ...student(), model: 'run:00000000-0000-7000-8000-000000000000' };
  await expect(client.api.gallery.render({ ...asked, columns: [gone] })).rejects.toMatchObject({
    code: 'not-found',
  });
});

it('judges two columns blindly and tells which was which at the end', async () => {
  let test = await client.api.gallery.startBlindTest({ projectId, first: teacher, second: student() });
  expect(test).toMatchObject({ judged: 0, total: 3, result: null });
  const { items } = await client.api.gallery.list({ projectId });
  // A person who always takes the student's picture, wherever it lies.
  for (let next = test.next; next; next = test.next) {
    const left = items.find((item) => itemMedia(item) === next.left);
    const choice = left?.column.guidance === null ? 'left' : 'right';
    test = await client.api.gallery.judge({ pairId: next.pairId, choice });
  }
  expect(test.result).toMatchObject({ first: { wins: 0 }, second: { wins: 3, name: 'Pair' }, ties: 0 });
  // 2 · (1/2)³
  expect(test.result?.chance).toBeCloseTo(0.25);
});

it('races at the measured speed and writes the race as an animated picture', async () => {
  const columns = [{ ...teacher, steps: 20 }, student()];
  const race = await client.api.gallery.race({ projectId, columns, prompts: [], seed: 5 });
  expect(race.lanes.map(({ evaluations }) => evaluations)).toEqual([40, 2]);
  for (const { pictures } of race.lanes)
    expect(pictures.map(({ at }) => at)).toEqual(pictures.map(({ at }) => at).sort((a, b) => a - b));
  const last = Math.max(...race.lanes.map(({ pictures }) => pictures.at(-1)?.at ?? 0));
  for (const format of ['webp', 'gif'] as const) {
    const { media } = await client.api.gallery.raceClip({ id: race.id, format });
    const found = await host.media(media);
    expect(found?.type).toBe(`image/${format}`);
    const clip = await sharp(found?.file, { animated: true }).metadata();
    expect(clip.format).toBe(format);
    expect(clip.pages).toBeGreaterThan(2);
    const played = (clip.delay ?? []).slice(0, -1).reduce((sum, delay) => sum + delay, 0) / 1000;
    expect(Math.abs(played - last)).toBeLessThan(0.15);
  }
});

it('has nothing to measure of a toy, and says so', async () => {
  await expect(
    client.api.gallery.measure({ projectId, teacher, columns: [student()], count: 16 }),
  ).rejects.toMatchObject({ code: 'input-invalid' });
});

it('exports a student whose every weight is read back', async () => {
  const exported = await client.api.library.exportModel({ runId, numbers: 'F16' });
  expect(exported.weights).toBeGreaterThan(1000);
  const model: unknown = JSON.parse(await readFile(path.join(exported.folder, 'model.json'), 'utf8'));
  expect(model).toMatchObject({ role: 'student', name: 'Pair' });
});

it('throws pictures and runs away and brings them back', async () => {
  const { items } = await client.api.gallery.list({ projectId });
  const [first] = items;
  const { trashId } = await client.api.gallery.discard({ ids: [first?.id ?? ''] });
  expect((await client.api.gallery.list({ projectId })).items).toHaveLength(5);
  await client.api.library.restore({ trashId });
  expect((await client.api.gallery.list({ projectId })).items).toEqual(items);

  const discarded = await client.api.library.discardRun({ runId });
  const { nodes, trash } = await client.api.library.list();
  expect(nodes.some((node) => node.runId === runId)).toBe(false);
  expect(trash).toMatchObject([{ id: discarded.trashId, kind: 'run', name: 'Pair', count: 1 }]);
  expect(trash[0]?.bytes).toBeGreaterThan(1000);
  await client.api.library.restore(discarded);
  const after = await client.api.library.list();
  expect(after.trash).toEqual([]);
  expect(after.nodes.find((node) => node.runId === runId)).toMatchObject({
    parents: [
      { key: 'data:toy', relation: 'data' },
      { key: 'teacher:toy', relation: 'teacher' },
    ],
    canExport: true,
  });
});
