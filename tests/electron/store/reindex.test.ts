import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { backupName, databaseName } from '../../../electron/store/backup.ts';
import { listRunCheckpoints, pinCheckpoint, recordCheckpoint } from '../../../electron/store/checkpoints.ts';
import { runFolder } from '../../../electron/store/dataFolder.ts';
import type { Store } from '../../../electron/store/database.ts';
import { createProject, listProjects } from '../../../electron/store/projects.ts';
import { reindex } from '../../../electron/store/reindex.ts';
import { createRun, getRun, listRuns } from '../../../electron/store/runs.ts';
import { discardRun } from '../../../electron/store/trash.ts';
import { writeCheckpoint } from '../../../engine/training/checkpoint.ts';
import { contentsOf } from '../../support/checkpointContents.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();
const nothing = {
  recoveredRuns: [],
  addedCheckpoints: [],
  removedCheckpoints: [],
  quarantined: [],
  unreadable: [],
};
let store: Store;
let runId: string;
let ids: string[];
beforeEach(async () => {
  store = await data.open();
  const { id: projectId } = await createProject(store, 'Emoji');
  runId = (await createRun(store, { projectId, name: 'First', recipe: { version: 1 } })).id;
  ids = [];
  for (const step of [10, 20]) {
    const checkpoint = await writeCheckpoint(runFolder(data.folder, runId), contentsOf(step));
    await recordCheckpoint(store, runId, checkpoint);
    ids.push(checkpoint.id);
  }
});

const stepsOf = async (id: string) => (await listRunCheckpoints(store, id)).map(({ step }) => step);

test('a store in line with the disk is left alone, pins included', async () => {
  await pinCheckpoint(store, ids[0] ?? '', true);
  expect(await reindex(store)).toEqual(nothing);
  expect((await listRunCheckpoints(store, runId)).map(({ pinned }) => pinned)).toEqual([false, true]);
});

test('lost rows come back, and rows of lost checkpoints go', async () => {
  const before = await listRunCheckpoints(store, runId);
  await store.database
    .deleteFrom('checkpoints')
    .where('id', '=', ids[1] ?? '')
    .execute();
  await rm(before[1]?.folder ?? '', { recursive: true });
  expect(await reindex(store)).toEqual({
    ...nothing,
    addedCheckpoints: [ids[1]],
    removedCheckpoints: [ids[0]],
  });
  expect(await listRunCheckpoints(store, runId)).toEqual([before[0]]);
});

test('a damaged checkpoint is quarantined and its row goes', async () => {
  const [newest] = await listRunCheckpoints(store, runId);
  await writeFile(join(newest?.folder ?? '', 'manifest.json'), '{}');
  const found = await reindex(store);
  expect(found.quarantined).toHaveLength(1);
  expect(found.removedCheckpoints).toEqual([ids[1]]);
  expect(await stepsOf(runId)).toEqual([10]);
});

test('without any database the runs, their forks and checkpoints are found again', async () => {
  const { projectId } = await getRun(store, runId);
  const fork = await createRun(store, {
    projectId,
    name: 'Fork',
    recipe: { version: 1 },
    parent: { runId, step: 20 },
  });
  const before = [await getRun(store, runId), fork];
  await store.close();
  for (const name of [databaseName, backupName]) await rm(join(data.folder, name), { force: true });

  store = await data.open();
  expect(await listRuns(store)).toEqual([]);
  const found = await reindex(store);
  expect(found).toEqual({
    ...nothing,
    recoveredRuns: [runId, fork.id],
    addedCheckpoints: expect.any(Array) as unknown,
  });
  expect(await listProjects(store)).toMatchObject([{ id: projectId, name: 'Emoji' }]);
  const after = [await getRun(store, runId), await getRun(store, fork.id)];
  expect(after).toEqual(before.map((run) => ({ ...run, status: 'paused' })));
  expect(await stepsOf(runId)).toEqual([20, 10]);
  expect(await reindex(store)).toEqual(nothing);
});

test('a run that was taken away stays away', async () => {
  await discardRun(store, runId);
  expect(await reindex(store)).toEqual(nothing);
  expect(await listRuns(store)).toEqual([]);
});

test('folders that cannot be understood are reported and left as they are', async () => {
  const runs = join(data.folder, 'runs');
  await cp(join(runs, runId), join(runs, 'a copy'), { recursive: true });
  await mkdir(join(runs, 'broken'));
  await writeFile(join(runs, 'broken', 'run.json'), '{');
  await mkdir(join(runs, 'empty'));
  await writeFile(join(runs, '.DS_Store'), '');
  const before = (await readdir(runs, { recursive: true })).sort();
  const found = await reindex(store);
  expect(found.unreadable.map(({ folder }) => folder)).toEqual([join(runs, 'a copy'), join(runs, 'broken')]);
  expect((await readdir(runs, { recursive: true })).sort()).toEqual(before);
  expect(await listRuns(store)).toHaveLength(1);
});
