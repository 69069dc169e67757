import { expect, test } from 'vitest';
import type { Store } from '../../../electron/store/database.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { arrangeWaiting, placeLast, waitingRuns } from '../../../electron/store/queueOrder.ts';
import { createRun, setRunStatus } from '../../../electron/store/runs.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();

const names = async (store: Store) => (await waitingRuns(store)).map(({ name }) => name);

test('runs wait as they were arranged, also after a new start', async () => {
  let store = await data.open();
  const { id: projectId } = await createProject(store, 'Queue');
  const queue = async (name: string) => (await createRun(store, { projectId, name, recipe: {} })).id;
  const [a, b, c] = [await queue('A'), await queue('B'), await queue('C')];
  expect(await names(store)).toEqual(['A', 'B', 'C']);

  await arrangeWaiting(store, [c, a, b]);
  await store.close();
  store = await data.open();
  expect(await names(store)).toEqual(['C', 'A', 'B']);

  // What comes later is behind; what is not named stays behind what is; strangers are nothing.
  const d = await queue('D');
  expect(await names(store)).toEqual(['C', 'A', 'B', 'D']);
  await arrangeWaiting(store, [d, 'stranger', b, b]);
  expect(await names(store)).toEqual(['D', 'B', 'C', 'A']);

  // A run that left and comes again does not take its old place.
  await setRunStatus(store, d, 'paused');
  expect(await names(store)).toEqual(['B', 'C', 'A']);
  await placeLast(store, d);
  await setRunStatus(store, d, 'queued');
  expect(await names(store)).toEqual(['B', 'C', 'A', 'D']);
});
