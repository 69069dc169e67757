/** The data folder on its way to another place: whole there or still here, whatever happens in between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { moveData, removeFormerData } from '../../../electron/features/moveData.ts';
import { dataFolder, proposedFolder } from '../../../electron/store/dataFolder.ts';
import { dataSetFolder, keepDataSet, listDataSets } from '../../../electron/store/dataSets.ts';
import { openStore, type Store } from '../../../electron/store/database.ts';
import { createProject, listProjects } from '../../../electron/store/projects.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const test = useDataFolder();
const setId = '0b9f5a1e-5d3c-4b8e-9f10-2f1c9f6d7e55';
let home = '';
let proposed = '';
let store: Store;
const inForce = () => dataFolder({}, 'linux', home);
const RUNS = 8;
const contents = Buffer.alloc(300_000, 'a run');

/** A data folder in the place that the platform proposes, with files of several kinds. */
beforeEach(async () => {
  home = test.folder;
  proposed = proposedFolder({}, 'linux', home);
  store = await openStore(proposed);
  await createProject(store, 'Birds');
  for (let i = 0; i < RUNS; i++) {
    await mkdir(path.join(proposed, 'runs', String(i)), { recursive: true });
    await writeFile(path.join(proposed, 'runs', String(i), 'weights'), contents);
  }
  const folder = dataSetFolder(proposed, setId);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'a.png'), 'a picture');
  await keepDataSet(store, { id: setId, name: 'Wings', location: folder, isCopy: true });
  await mkdir(path.join(proposed, 'desktop'), { recursive: true });
  await writeFile(path.join(proposed, 'desktop', 'cookies'), 'of the window');
  return () => store.close();
});

async function expectWhole(folder: string): Promise<void> {
  const there = await openStore(folder);
  expect(there.recovery).toBeUndefined();
  expect((await listProjects(there)).map(({ name }) => name)).toEqual(['Birds']);
  const [set] = await listDataSets(there);
  expect(set?.location).toBe(dataSetFolder(folder, setId));
  expect(await readFile(path.join(set?.location ?? '', 'a.png'), 'utf8')).toBe('a picture');
  for (let i = 0; i < RUNS; i++)
    expect(await readFile(path.join(folder, 'runs', String(i), 'weights'))).toEqual(contents);
  await there.close();
}

it('is in force at its new place, whole, and the old one stays until it is removed', async () => {
  const chosen = path.join(home, 'disk');
  await mkdir(chosen);
  await writeFile(path.join(chosen, 'something'), 'of another program');
  const told: number[] = [];
  const target = await moveData(store, chosen, {
    proposed,
    progress: (done, total) => told.push(done / total),
  });
  expect(target).toBe(path.join(chosen, 'Stillroom'));
  expect(Math.max(...told)).toBe(1);
  expect(inForce()).toBe(target);
  await expectWhole(target);
  expect(existsSync(path.join(target, 'desktop'))).toBe(false);
  await store.close();
  await expectWhole(proposed);
  const again = await openStore(target);
  await expect(moveData(again, path.join(home, 'third'), { proposed })).rejects.toMatchObject({
    message: expect.stringContaining(proposed) as string,
  });
  await again.close();
  await writeFile(path.join(proposed, 'note of mine.txt'), 'a person wrote this');
  expect(await removeFormerData(proposed)).toBeGreaterThan(RUNS * contents.length);
  expect((await readdir(proposed)).sort()).toEqual(['desktop', 'location.json', 'note of mine.txt']);
  await expectWhole(inForce());
});

it('refuses a place within the old one', async () => {
  const moving = moveData(store, path.join(proposed, 'inside'), { proposed });
  await expect(moving).rejects.toMatchObject({ code: 'input-invalid' });
});

it('refuses a place that is taken', async () => {
  const chosen = path.join(home, 'disk');
  await mkdir(path.join(chosen, 'Stillroom', 'runs'), { recursive: true });
  await expect(moveData(store, chosen, { proposed })).rejects.toMatchObject({ code: 'input-invalid' });
  expect(inForce()).toBe(proposed);
});

it('leaves nothing at the new place when it is cancelled', async () => {
  const stop = new AbortController();
  const chosen = path.join(home, 'disk');
  const moving = moveData(store, chosen, { proposed, signal: stop.signal, progress: () => stop.abort() });
  await expect(moving).rejects.toMatchObject({ code: 'cancelled' });
  expect(inForce()).toBe(proposed);
  expect((await readdir(home)).filter((name) => name.startsWith('disk'))).toEqual([]);
});

it(
  'leaves one whole folder in force, at whatever moment the process is killed',
  { timeout: 90_000 },
  async () => {
    await store.close();
    const chosen = path.join(home, 'disk');
    const mover = path.join(import.meta.dirname, '../../support/dataMover.ts');
    let kills = 0;
    for (let wait = 0; inForce() === proposed; wait += 60) {
      const child = spawn(process.execPath, [mover, proposed, chosen, proposed], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await after(wait);
      child.kill('SIGKILL');
      await ended;
      kills++;
      await expectWhole(inForce());
    }
    expect(kills).toBeGreaterThan(1);
    // Beside a whole copy that a kill left without a note.
    expect([chosen, path.join(chosen, 'Stillroom')]).toContain(inForce());
    store = await openStore(inForce());
  },
);
