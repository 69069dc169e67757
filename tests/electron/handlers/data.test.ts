/** Sets by their handlers: kept under ids, read in a process of their own, forgotten without touching sources. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { forkChild } from '../../../electron/childProcess.ts';
import { Sources } from '../../../electron/features/sources.ts';
import { locationOf } from '../../../electron/features/references.ts';
import { dataHandlers } from '../../../electron/handlers/data.ts';
import { completeRecipe } from '../../../electron/handlers/recipes.ts';
import { PictureReader } from '../../../electron/reader/pictureReader.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { createRun } from '../../../electron/store/runs.ts';
import { Uploads } from '../../../electron/uploads.ts';
import { golden, goldenPath } from '../../engine/data/support.ts';
import { emptyTrash, listTrash, restore } from '../../../electron/store/trash.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();
const context = { signal: new AbortController().signal, progress: () => undefined };
const uploadId = '018f2f3e-0000-7000-8000-00000000000a';

async function open() {
  const store = await data.open();
  const uploads = await Uploads.open(data.folder);
  const sources = new Sources();
  const reader = new PictureReader(() => forkChild('readerProcess.ts'));
  const emit = () => undefined;
  const pictureFolder = path.join(data.folder, 'pictures');
  await mkdir(pictureFolder);
  const handlers = dataHandlers({ store, uploads, sources, reader, emit, pictureFolder });
  return { store, uploads, sources, handlers, pictureFolder };
}

it('reports on a folder that stays where it is, and forgets it without touching it', async () => {
  const { store, sources, handlers, pictureFolder } = await open();
  const folder = path.join(data.folder, 'my birds');
  await mkdir(folder);
  for (const name of ['smooth.png', 'cut-off.png', 'wide.png'])
    await copyFile(goldenPath(name), path.join(folder, name));
  const { id: source } = sources.add(folder);
  const set = await handlers.add({ source }, context);
  expect(set).toMatchObject({ name: 'my birds', kind: 'folder', isCopy: false, summary: null });
  const { report, previews } = await handlers.inspect({ data: set.data, size: 16 }, context);
  expect(report).toMatchObject({ found: 3, used: 2, counts: { unreadable: 1, tiny: 1 } });
  expect(report.leftOut.map(({ file }) => file)).toEqual(['cut-off.png']);
  expect(previews.map(({ file, width, height }) => [file, width, height])).toEqual([
    ['smooth.png', 64, 64],
    ['wide.png', 24, 8],
  ]);
  expect(await readdir(pictureFolder)).toHaveLength(4);
  expect((await handlers.list({}, context)).at(-1)?.summary).toEqual({
    size: 16,
    used: 2,
    found: 3,
    classes: 1,
  });
  expect(await locationOf(store, set.data)).toBe(folder);
  const { trashId } = await handlers.discard({ data: set.data }, context);
  expect(await readdir(folder)).toHaveLength(3);
  await expect(locationOf(store, set.data)).rejects.toMatchObject({ code: 'not-found' });
  await restore(store, trashId);
  expect(await locationOf(store, set.data)).toBe(folder);
  await handlers.discard({ data: set.data }, context);
  await emptyTrash(store);
  expect(await readdir(folder)).toHaveLength(3);
  expect((await handlers.list({}, context)).map(({ data: name }) => name)).toEqual(['demo', 'toy']);
});

it('keeps an uploaded archive as a copy, which a waiting run needs and the trash gets', async () => {
  const { store, uploads, handlers } = await open();
  await uploads.receive(uploadId, 'good.zip', Readable.from([golden('good.zip')]));
  const set = await handlers.add({ source: uploadId }, context);
  expect(set).toMatchObject({ name: 'good', kind: 'zip', isCopy: true });
  const { id: projectId } = await createProject(store, 'Birds');
  await createRun(store, { projectId, name: 'Waiting', recipe: { data: set.data, network: {} } });
  await expect(handlers.discard({ data: set.data }, context)).rejects.toMatchObject({ code: 'busy' });
  await store.database.updateTable('runs').set({ status: 'done' }).execute();
  const { trashId } = await handlers.discard({ data: set.data }, context);
  expect(await readdir(path.join(data.folder, 'trash'))).toEqual([set.data.replace('data:', '')]);
  expect(await listTrash(store)).toMatchObject([{ id: trashId, kind: 'data', name: 'good' }]);
  await expect(handlers.inspect({ data: set.data, size: 16 }, context)).rejects.toMatchObject({
    code: 'not-found',
  });
  await restore(store, trashId);
  expect((await handlers.inspect({ data: set.data, size: 16 }, context)).report.used).toBeGreaterThan(0);
  await handlers.discard({ data: set.data }, context);
  await emptyTrash(store);
  expect(existsSync(path.join(data.folder, 'trash'))).toBe(false);
  expect(await readdir(path.join(data.folder, 'datasets'))).toEqual([]);
  expect(await listTrash(store)).toEqual([]);
});

it('keeps a text of prompts, where it lies or as a copy, and never as what a teacher learns from', async () => {
  const { store, uploads, sources, handlers } = await open();
  const file = path.join(data.folder, 'Birds.TXT');
  const many = Array.from({ length: 250 }, (_, index) => `bird ${index}`);
  await writeFile(file, ['\ufeffa heron', '', '  蒼鷺  ', 'x'.repeat(1000), ...many].join('\r\n'));
  const own = await handlers.add({ source: sources.add(file).id }, context);
  expect(own).toMatchObject({ name: 'Birds.TXT', kind: 'prompts', isCopy: false, summary: { prompts: 253 } });
  expect(own.data).toMatch(/^prompts:/);
  expect(await locationOf(store, own.data)).toBe(file);
  const { count, prompts } = await handlers.prompts({ data: own.data }, context);
  expect([count, prompts.length]).toEqual([253, 200]);
  expect(prompts.slice(0, 4)).toEqual(['a heron', '蒼鷺', 'x'.repeat(300), 'bird 0']);
  await expect(handlers.inspect({ data: own.data, size: 16 }, context)).rejects.toThrow('no pictures');

  await uploads.receive(uploadId, 'wrens.txt', Readable.from(['a wren']));
  const copy = await handlers.add({ source: uploadId }, context);
  expect(copy).toMatchObject({ name: 'wrens.txt', kind: 'prompts', isCopy: true });
  expect((await handlers.list({}, context)).slice(2)).toEqual([copy, own]);
  const { id: projectId } = await createProject(store, 'Birds');
  expect(completeRecipe('distillation', { data: copy.data }).data).toBe(copy.data);
  const teach = () => completeRecipe('teacher', { data: copy.data });
  expect(teach).toThrow('a teacher learns from pictures');
  expect(teach).toThrow(expect.objectContaining({ field: 'data' }));
  await createRun(store, { projectId, name: 'Waiting', recipe: { data: copy.data, network: {} } });
  const libraryName = copy.data.replace('prompts:', 'data:');
  await expect(handlers.discard({ data: libraryName }, context)).rejects.toMatchObject({ code: 'busy' });
  await store.database.updateTable('runs').set({ status: 'done' }).execute();
  const { trashId } = await handlers.discard({ data: copy.data }, context);
  await expect(handlers.prompts({ data: copy.data }, context)).rejects.toMatchObject({ code: 'not-found' });
  await restore(store, trashId);
  expect(await handlers.prompts({ data: copy.data }, context)).toEqual({ count: 1, prompts: ['a wren'] });
  await handlers.discard({ data: own.data }, context);
  await emptyTrash(store);
  expect((await readFile(file, 'utf8')).endsWith('bird 249')).toBe(true);
});

it('keeps no text without prompts, and nothing that is no text', async () => {
  const { uploads, sources, handlers } = await open();
  for (const [content, fault] of [
    ['\n  \r\n', '“a.txt” holds no prompts.'],
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]), '“a.txt” is no text in UTF-8.'],
    [Buffer.alloc(33 * 2 ** 20, 'a'), '“a.txt” is larger than 32 MiB.'],
  ] as const) {
    await uploads.receive(uploadId, 'a.txt', Readable.from([content]));
    await expect(handlers.add({ source: uploadId }, context)).rejects.toThrow(fault);
    expect(uploads.has(uploadId)).toBe(false);
  }
  const { id: source } = sources.add(path.join(data.folder, 'gone.txt'));
  await expect(handlers.add({ source }, context)).rejects.toMatchObject({ code: 'not-found' });
  expect(await handlers.list({}, context)).toHaveLength(2);
  await expect(handlers.prompts({ data: 'demo' }, context)).rejects.toMatchObject({ code: 'input-invalid' });
});

it('refuses hostile archives, unknown ids, paths, and what comes with Stillroom', async () => {
  const { uploads, handlers } = await open();
  await uploads.receive(uploadId, 'bomb.zip', Readable.from([golden('bomb.zip')]));
  const { data: bomb } = await handlers.add({ source: uploadId }, context);
  const inspect = (name: string) => handlers.inspect({ data: name, size: 16 }, context);
  await expect(inspect(bomb)).rejects.toThrow('was refused');
  await expect(inspect('/etc')).rejects.toMatchObject({ code: 'recipe-invalid', field: 'data' });
  await expect(inspect(`data:${uploadId}`)).rejects.toMatchObject({ code: 'not-found' });
  await expect(inspect('toy')).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(handlers.add({ source: uploadId }, context)).rejects.toMatchObject({ code: 'not-found' });
  await expect(handlers.discard({ data: 'demo' }, context)).rejects.toMatchObject({ code: 'input-invalid' });
});
