/** Picture sets by their handlers: kept under ids, read in a process of their own, forgotten without touching sources. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { forkChild } from '../../../electron/childProcess.ts';
import { Sources } from '../../../electron/features/sources.ts';
import { locationOf } from '../../../electron/features/references.ts';
import { dataHandlers } from '../../../electron/handlers/data.ts';
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
