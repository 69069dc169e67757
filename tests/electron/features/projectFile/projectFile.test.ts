/** A project as one file: saved from one data folder and opened in another, without the engine. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { kindOfFile } from '../../../../electron/features/projectFile/archive.ts';
import { incomingFolder, settleIncoming } from '../../../../electron/features/projectFile/incoming.ts';
import { openProject } from '../../../../electron/features/projectFile/openProject.ts';
import { saveProject } from '../../../../electron/features/projectFile/saveProject.ts';
import {
  pinCheckpoint,
  listRunCheckpoints,
  recordCheckpoint,
} from '../../../../electron/store/checkpoints.ts';
import { runFolder } from '../../../../electron/store/dataFolder.ts';
import { keepDataSet, listDataSets } from '../../../../electron/store/dataSets.ts';
import { openStore, type Store } from '../../../../electron/store/database.ts';
import { itemFile, listItems, rateItems, recordItems } from '../../../../electron/store/galleryItems.ts';
import { readCurve, recordMetrics } from '../../../../electron/store/metrics.ts';
import { createProject, listProjects } from '../../../../electron/store/projects.ts';
import { createRun, listRuns, setRunStatus } from '../../../../electron/store/runs.ts';
import { listSamples, recordSample } from '../../../../electron/store/samples.ts';
import { insertProvenance, readProvenance, writePng } from '../../../../engine/data/png.ts';
import { newestVerified } from '../../../../engine/training/checkpointFolder.ts';
import { readCheckpoint, writeCheckpoint } from '../../../../engine/training/checkpoint.ts';
import { modelFolder } from '../../../../engine/training/modelFolder.ts';
import { contentsOf } from '../../../support/checkpointContents.ts';
import { useDataFolder } from '../../../support/dataFolder.ts';
import { changedArchive, rawArchive, type Files } from './archives.ts';

const data = useDataFolder();
let store: Store;
let projectId = '';
let runId = '';
let file = '';
const itemId = '5f0c7a52-9a0e-4c0b-8a36-1f5dbb3a4f10';
const setId = '0b9f5a1e-5d3c-4b8e-9f10-2f1c9f6d7e55';
const promptsId = '0b9f5a1e-5d3c-4b8e-9f10-2f1c9f6d7e56';

/** A toy's student with its checkpoints, frames and a rated picture, as a training leaves them. */
beforeEach(async () => {
  store = await data.open();
  projectId = (await createProject(store, 'Birds')).id;
  const location = path.join(data.folder, 'somewhere else', 'Wings');
  await mkdir(path.join(location, 'red'), { recursive: true });
  const picture = await writePng(new Float32Array(4 * 4 * 3), 4, 4);
  await writeFile(path.join(location, 'red', 'a wing.png'), picture);
  await writeFile(path.join(location, 'red', 'a wing.txt'), 'a red wing');
  await writeFile(path.join(location, 'notes.md'), 'not a picture');
  await keepDataSet(store, { id: setId, name: 'Wings', location, isCopy: false });
  const recipe = {
    version: 1,
    name: 'Sparrow',
    teacher: 'toy',
    data: `data:${setId}`,
    student: { steps: 2 },
  };
  ({ id: runId } = await createRun(store, { projectId, name: 'Sparrow', recipe }));
  const folder = runFolder(store.data, runId);
  const located = { ...recipe, data: location };
  for (const step of [10, 20]) {
    const saved = { ...contentsOf(step), state: { ...contentsOf(step).state, recipe: located } };
    await recordCheckpoint(store, runId, await writeCheckpoint(folder, saved));
  }
  const [, older] = await listRunCheckpoints(store, runId);
  await pinCheckpoint(store, older?.id ?? '', true);
  await cp(modelFolder('toy'), path.join(folder, 'student'), { recursive: true });
  const infoFile = path.join(folder, 'student', 'model.json');
  const info = JSON.parse(await readFile(infoFile, 'utf8')) as Record<string, unknown>;
  await writeFile(infoFile, JSON.stringify({ ...info, made: { recipe: located } }));
  const made = insertProvenance(picture, { seed: 3, student: 'Sparrow', recipe: located });
  await mkdir(path.join(folder, 'samples'));
  await writeFile(path.join(folder, 'samples', '0000010.png'), made);
  const sample = { runId, step: 10, path: `runs/${runId}/samples/0000010.png`, seed: 3, prompt: 'a' };
  await recordSample(store, { ...sample, sha256: createHash('sha256').update(made).digest('hex') });
  await recordMetrics(store, runId, [
    { name: 'loss', step: 1, value: 0.5 },
    { name: 'loss', step: 2, value: NaN },
    { name: 'loss', step: 3, value: 0.25 },
  ]);
  await setRunStatus(store, runId, 'done');
  await mkdir(path.dirname(itemFile(store.data, itemId)));
  await writeFile(itemFile(store.data, itemId), made);
  const column = { model: `run:${runId}`, steps: 2, guidance: null };
  const item = { id: itemId, column, name: 'Sparrow', iteration: null, prompt: 'a', seed: 3, evaluations: 2 };
  await recordItems(store, projectId, [item]);
  await rateItems(store, [itemId], 4);
  file = path.join(data.folder, 'out', 'Birds.stillroom');
});

const save = (withPictures = false) =>
  saveProject(store, file, { projectId, withPictures, version: '1.2.3' });

/** Another computer. */
async function elsewhere(): Promise<Store & AsyncDisposable> {
  const other = await openStore(path.join(data.folder, 'elsewhere'));
  return { ...other, [Symbol.asyncDispose]: () => other.close() };
}

/** Everything that is not the database's own file. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('stillroom.'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

it('comes back on another computer as it was, with its pictures where they were asked for', async () => {
  const told: number[] = [];
  await saveProject(store, file, {
    ...{ projectId, withPictures: true, version: '1.2.3' },
    progress: (done, total) => told.push(done / total),
  });
  expect(Math.max(...told)).toBe(1);
  expect(await readdir(path.dirname(file))).toEqual(['Birds.stillroom']);
  await using other = await elsewhere();
  expect(await openProject(other, file)).toBe(projectId);
  const [run] = await listRuns(other, projectId);
  expect(run).toMatchObject({
    id: runId,
    name: 'Sparrow',
    status: 'done',
    recipe: { data: `data:${setId}` },
  });
  const [kept, ...more] = await listRunCheckpoints(other, runId);
  expect(kept).toMatchObject({ step: 10, pinned: true });
  expect(more).toEqual([]);
  const { checkpoint, quarantined } = await newestVerified(runFolder(other.data, runId));
  expect([checkpoint?.step, quarantined]).toEqual([10, []]);
  const saved = await listRunCheckpoints(store, runId);
  const arrays = async (folder = '') => readFile(path.join(folder, 'weights.safetensors'));
  expect(await arrays(kept?.folder)).toEqual(await arrays(saved.find(({ step }) => step === 10)?.folder));
  expect((await readCheckpoint(kept?.folder ?? '')).state['recipe']).toMatchObject({ data: `data:${setId}` });
  const student = (root: string) =>
    readFile(path.join(runFolder(root, runId), 'student', 'weights.safetensors'));
  expect((await student(other.data)).equals(await student(store.data))).toBe(true);
  expect(await readCurve(other, runId, 'loss')).toEqual(await readCurve(store, runId, 'loss'));
  const [sample] = await listSamples(other, runId);
  const frame = await readFile(path.join(other.data, sample?.path ?? ''));
  expect(createHash('sha256').update(frame).digest('hex')).toBe(sample?.sha256);
  expect(await listItems(other, projectId)).toEqual(await listItems(store, projectId));
  expect(readProvenance(await readFile(itemFile(other.data, itemId)))?.recipe).toMatchObject({
    data: `data:${setId}`,
  });
  const [set] = await listDataSets(other);
  expect(set).toMatchObject({ id: setId, name: 'Wings', isCopy: true });
  const names = await readdir(set?.location ?? '', { recursive: true });
  expect(names.sort()).toEqual(['red', 'red/a wing.png', 'red/a wing.txt']);
});

it('takes a text of prompts along as it is', async () => {
  const location = path.join(data.folder, 'somewhere else', 'birds.txt');
  await writeFile(location, 'a wren\na heron');
  await keepDataSet(store, { id: promptsId, name: 'birds.txt', location, isCopy: false });
  const recipe = { version: 1, name: 'Wren', teacher: 'toy', data: `prompts:${promptsId}` };
  await createRun(store, { projectId, name: 'Wren', recipe });
  await save(true);
  await using other = await elsewhere();
  await openProject(other, file);
  const kept = (await listDataSets(other)).find(({ id }) => id === promptsId);
  expect(kept).toMatchObject({ name: 'birds.txt', isCopy: true });
  expect(await readFile(kept?.location ?? '', 'utf8')).toBe('a wren\na heron');
});

it('says nothing of where things lay', async () => {
  await save();
  for (const [name, bytes] of await rawArchive(file)) expect(bytes.includes(data.folder), name).toBe(false);
});

it('gives new ids where they are taken, and its files agree with them', async () => {
  await save(true);
  const copy = await openProject(store, file);
  expect(copy).not.toBe(projectId);
  expect((await listProjects(store)).map(({ name }) => name).sort()).toEqual(['Birds', 'Birds (2)']);
  const [run] = await listRuns(store, copy);
  expect(run?.id).not.toBe(runId);
  const { checkpoint, quarantined } = await newestVerified(runFolder(store.data, run?.id ?? ''));
  expect([checkpoint?.step, quarantined]).toEqual([10, []]);
  const [item] = await listItems(store, copy);
  expect(item).toMatchObject({ rating: 4, column: { model: `run:${run?.id}` } });
  expect(existsSync(itemFile(store.data, item?.id ?? ''))).toBe(true);
  const sets = await listDataSets(store);
  expect(run?.recipe).toMatchObject({ data: `data:${sets.find(({ id }) => id !== setId)?.id}` });
  expect(await listItems(store, projectId)).toHaveLength(1);
});

it('refuses to save while a run trains, and leaves nothing of a save that is cancelled', async () => {
  await setRunStatus(store, runId, 'running');
  await expect(save()).rejects.toMatchObject({ code: 'busy' });
  await setRunStatus(store, runId, 'done');
  const stop = new AbortController();
  const saving = saveProject(store, file, {
    ...{ projectId, withPictures: false, version: '1.2.3', signal: stop.signal },
    progress: () => stop.abort(),
  });
  await expect(saving).rejects.toMatchObject({ code: 'cancelled' });
  expect(await readdir(path.dirname(file))).toEqual([]);
});

it('leaves nothing of an opening that is cancelled', async () => {
  await save();
  await using other = await elsewhere();
  const stop = new AbortController();
  const opening = openProject(other, file, { signal: stop.signal, progress: () => stop.abort() });
  await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  expect(await filesOf(other.data)).toEqual([]);
  expect(await listProjects(other)).toEqual([]);
});

it('ends at the next start what a crash left: all of it after its rows were there, nothing before', async () => {
  await save();
  await using other = await elsewhere();
  await openProject(other, file);
  // As after a crash between the transaction and the moves.
  const arrived = path.join(incomingFolder(other.data), projectId);
  for (const place of ['runs', 'gallery'])
    await cp(path.join(other.data, place), path.join(arrived, place), { recursive: true });
  const whole = (await filesOf(other.data)).filter((name) => !name.startsWith(arrived));
  for (const place of ['runs', 'gallery']) await rm(path.join(other.data, place), { recursive: true });
  // As after a crash before it.
  await mkdir(path.join(incomingFolder(other.data), '.tmp-1', 'runs'), { recursive: true });
  await settleIncoming(other);
  expect((await filesOf(other.data)).sort()).toEqual(whole.sort());
  expect(await readdir(incomingFolder(other.data))).toEqual([]);
});

const changes: Readonly<Record<string, (files: Files) => void>> = {
  'a changed byte': (files) => files.set(`runs/${runId}/student/weights.safetensors`, Buffer.from('x')),
  'a file that is missing': (files) => files.delete(`gallery/${itemId}.png`),
  'a file beyond its manifest': (files) => files.set('runs/surplus.txt', Buffer.from('x')),
};

it.each(Object.entries(changes))('refuses %s and changes nothing', async (_name, change) => {
  await save();
  await changedArchive(file, change);
  await expectRefusal();
});

const rewritten: Readonly<Record<string, (files: Files) => void>> = {
  'a file that is no part of a project': (files) => files.set('runs/extra.sh', Buffer.from('x')),
  'a way out of the folder': (files) => files.set('datasets/../../escaped.png', Buffer.from('x')),
  'an absolute path': (files) => files.set('/tmp/escaped.png', Buffer.from('x')),
  'a picture set that was not declared': (files) =>
    files.set(`datasets/${setId}/Wings/a.png`, Buffer.from('x')),
  'a gallery picture of no item': (files) =>
    files.set('gallery/0b9f5a1e-5d3c-4b8e-9f10-2f1c9f6d7e56.png', Buffer.from('x')),
  'a model that is none': (files) => files.set(`runs/${runId}/student/model.json`, Buffer.from('{}')),
  'weights that are none': (files) =>
    files.set(`runs/${runId}/student/weights.safetensors`, Buffer.alloc(64, 255)),
  'metrics that are none': (files) => files.set(`runs/${runId}/metrics.jsonl`, Buffer.from('[1]\n')),
  'a bomb': (files) => files.set(`runs/${runId}/metrics.jsonl`, Buffer.alloc(2 ** 25)),
  'rows that name others’ rows': (files) =>
    files.set('project.json', Buffer.from(String(files.get('project.json')).replaceAll(runId, projectId))),
  'rows of another form': (files) => files.set('project.json', Buffer.from('{"project":{}}')),
};

it.each(Object.entries(rewritten))('refuses %s under right hashes', async (_name, change) => {
  await save();
  await changedArchive(file, change, { rehash: true });
  await expectRefusal();
  expect(existsSync(path.join(data.folder, 'escaped.png'))).toBe(false);
});

it('refuses what is no .stillroom file, and one cut off at any place', async () => {
  await save();
  const whole = await readFile(file);
  for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
    await writeFile(file, whole.subarray(0, length));
    await expectRefusal();
  }
});

it('says what a file is', async () => {
  await save();
  expect(await kindOfFile(file)).toBe('project');
  await changedArchive(file, (files) => {
    files.clear();
    files.set('manifest.json', Buffer.from(JSON.stringify({ key: 'k', createdAt: new Date(), files: [] })));
  });
  expect(await kindOfFile(file)).toBe('engine');
  await expectRefusal();
});

async function expectRefusal(): Promise<void> {
  await using other = await elsewhere();
  await expect(openProject(other, file)).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/; nothing was changed\.$/) as string,
  });
  expect(await filesOf(other.data)).toEqual([]);
  expect(await listProjects(other)).toEqual([]);
}
