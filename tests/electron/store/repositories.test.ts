import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runFolder } from '../../../electron/store/dataFolder.ts';
import type { Store } from '../../../electron/store/database.ts';
import {
  listRunCheckpoints,
  markBestCheckpoint,
  pinCheckpoint,
  recordCheckpoint,
} from '../../../electron/store/checkpoints.ts';
import {
  discardMetricsAfter,
  listMetrics,
  readCurve,
  readMetrics,
  recordMetrics,
} from '../../../electron/store/metrics.ts';
import { createProject, getProject, listProjects, renameProject } from '../../../electron/store/projects.ts';
import {
  createRun,
  getRun,
  listRuns,
  pauseInterruptedRuns,
  setRunStatus,
} from '../../../electron/store/runs.ts';
import { getSample, listSamples, recordSample } from '../../../electron/store/samples.ts';
import { discardProject, discardRun, emptyTrash, listTrash, restore } from '../../../electron/store/trash.ts';
import { writeCheckpoint } from '../../../engine/training/checkpoint.ts';
import { contentsOf } from '../../support/checkpointContents.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();
const recipe = { version: 1, guidance: { scale: 4.5 } };
let store: Store;
let projectId: string;
let runId: string;
beforeEach(async () => {
  store = await data.open();
  projectId = (await createProject(store, 'Emoji')).id;
  runId = (await createRun(store, { projectId, name: 'First', recipe })).id;
});

describe('projects', () => {
  test('have names, and the one touched last comes first', async () => {
    const other = await createProject(store, '  Flowers ');
    expect(other.name).toBe('Flowers');
    await new Promise((resolve) => setTimeout(resolve, 2));
    await renameProject(store, projectId, 'Faces');
    expect((await listProjects(store)).map(({ name }) => name)).toEqual(['Faces', 'Flowers']);
  });

  test.each(['', '   ', 'n'.repeat(201)])('are not named %j', async (name) => {
    await expect(createProject(store, name)).rejects.toMatchObject({ code: 'input-invalid', field: 'name' });
    await expect(renameProject(store, projectId, name)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('that do not exist are not found', async () => {
    await expect(getProject(store, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
    await expect(createRun(store, { projectId: 'nobody', name: 'Run', recipe })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('runs', () => {
  test('keep their recipe, and forks know where they began', async () => {
    const fork = await createRun(store, { projectId, name: 'Fork', recipe, parent: { runId, step: 300 } });
    expect(fork).toMatchObject({
      status: 'queued',
      recipe,
      parentRunId: runId,
      parentStep: 300,
      error: null,
    });
    expect((await listRuns(store, projectId)).map(({ id }) => id)).toEqual([fork.id, runId]);
    expect(await listRuns(store, 'another project')).toEqual([]);
  });

  test('say why they failed until they go on', async () => {
    const error = {
      code: 'diverged',
      message: 'The loss is no number.',
      hint: 'Lower the learning rate.',
    } as const;
    expect(await setRunStatus(store, runId, 'failed', error)).toMatchObject({ status: 'failed', error });
    expect(await setRunStatus(store, runId, 'running')).toMatchObject({ status: 'running', error: null });
  });

  test('that were interrupted are paused at start-up', async () => {
    const idle = await createRun(store, { projectId, name: 'Idle', recipe });
    await setRunStatus(store, runId, 'running');
    expect((await pauseInterruptedRuns(store)).map(({ id }) => id)).toEqual([runId]);
    expect(await getRun(store, runId)).toMatchObject({
      status: 'paused',
      error: { code: 'engine-unavailable' },
    });
    expect((await getRun(store, idle.id)).status).toBe('queued');
  });

  test('that are taken away keep their folder in the trash, their forks stay, and all comes back', async () => {
    const fork = await createRun(store, { projectId, name: 'Fork', recipe, parent: { runId, step: 300 } });
    await recordMetrics(store, runId, [{ name: 'loss', step: 1, value: 1 }]);
    const before = await getRun(store, runId);
    const trashId = await discardRun(store, runId);
    await expect(getRun(store, runId)).rejects.toMatchObject({ code: 'not-found' });
    expect((await listRuns(store)).map(({ id }) => id)).toEqual([fork.id]);
    expect(existsSync(runFolder(data.folder, runId))).toBe(false);
    expect(existsSync(join(data.folder, 'trash', runId, 'run.json'))).toBe(true);

    await restore(store, trashId);
    expect(await getRun(store, runId)).toEqual(before);
    expect(await listMetrics(store, runId)).toEqual(['loss']);
    expect(existsSync(join(runFolder(data.folder, runId), 'run.json'))).toBe(true);
    expect(existsSync(join(data.folder, 'trash', runId))).toBe(false);
    await expect(restore(store, trashId)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('come back with their project and not without it; emptied, they are gone for good', async () => {
    const alone = await discardRun(store, runId);
    const other = await createRun(store, { projectId, name: 'Second', recipe });
    const all = await discardProject(store, projectId);
    await expect(restore(store, alone)).rejects.toMatchObject({ code: 'busy' });
    await restore(store, all);
    expect((await listProjects(store)).map(({ id }) => id)).toEqual([projectId]);
    expect((await listRuns(store)).map(({ id }) => id)).toEqual([other.id]);
    await discardRun(store, other.id);
    await emptyTrash(store);
    expect(await listTrash(store)).toEqual([]);
    expect(existsSync(join(data.folder, 'trash'))).toBe(false);
    await expect(restore(store, alone)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.database.selectFrom('runs').selectAll().execute()).toEqual([]);
  });

  test('that train are not taken away, nor is their project', async () => {
    await setRunStatus(store, runId, 'running');
    await expect(discardRun(store, runId)).rejects.toMatchObject({ code: 'busy' });
    await expect(discardProject(store, projectId)).rejects.toMatchObject({ code: 'busy' });
    await setRunStatus(store, runId, 'paused');
    await rm(runFolder(data.folder, runId), { recursive: true });
    await discardProject(store, projectId);
    expect(await listProjects(store)).toEqual([]);
    expect(await listRuns(store)).toEqual([]);
  });
});

describe('checkpoints', () => {
  test('one is the best, and pins stay', async () => {
    const folder = runFolder(data.folder, runId);
    const [first, second] = [
      await writeCheckpoint(folder, contentsOf(10)),
      await writeCheckpoint(folder, contentsOf(20)),
    ];
    for (const checkpoint of [first, second]) await recordCheckpoint(store, runId, checkpoint);
    await pinCheckpoint(store, first.id, true);
    await markBestCheckpoint(store, runId, first.id);
    await markBestCheckpoint(store, runId, second.id);
    await recordCheckpoint(store, runId, first);
    expect(await listRunCheckpoints(store, runId)).toEqual([
      { ...second, runId, pinned: false, best: true },
      { ...first, runId, pinned: true, best: false },
    ]);
    await expect(pinCheckpoint(store, 'none', true)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('metrics', () => {
  const line = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => ({
      name: 'loss',
      step: from + index,
      value: from + index,
    }));

  test('a short curve is returned point by point, with gaps where a number was not finite', async () => {
    await recordMetrics(store, runId, [
      { name: 'loss', step: 2, value: 0.25 },
      { name: 'loss', step: 1, value: 0.5 },
      { name: 'loss', step: 3, value: NaN },
      { name: 'gradientNorm', step: 1, value: 9 },
    ]);
    expect(await readCurve(store, runId, 'loss')).toEqual([
      { step: 1, mean: 0.5, minimum: 0.5, maximum: 0.5 },
      { step: 2, mean: 0.25, minimum: 0.25, maximum: 0.25 },
    ]);
    expect(await listMetrics(store, runId)).toEqual(['gradientNorm', 'loss']);
    expect(await readCurve(store, runId, 'nothing')).toEqual([]);
  });

  test('a long curve is thinned without losing a spike', async () => {
    await recordMetrics(store, runId, [...line(0, 1000), { name: 'loss', step: 555, value: 1e6 }]);
    const curve = await readCurve(store, runId, 'loss', { pieces: 10 });
    expect(curve).toHaveLength(10);
    expect(curve[0]).toEqual({ step: 50, mean: 49.5, minimum: 0, maximum: 99 });
    expect(curve[5]?.maximum).toBe(1e6);
    const zoomed = await readCurve(store, runId, 'loss', { pieces: 10, from: 100, to: 109 });
    expect(zoomed.map(({ mean }) => mean)).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
  });

  test('are read by the beginning of their names, without what was not finite', async () => {
    const point = (name: string, step: number, value: number) => ({ name, step, value });
    await recordMetrics(store, runId, [
      ...[point('quality.std', 20, 2), point('quality.std', 0, 1), point('quality.mean', 0, NaN)],
      ...[point('quality', 0, 5), point('qualities', 0, 6), point('loss', 0, 7)],
    ]);
    expect(await readMetrics(store, runId, 'quality.')).toEqual([
      point('quality.std', 0, 1),
      point('quality.std', 20, 2),
    ]);
  });

  test('what came after a rollback is forgotten', async () => {
    await recordMetrics(store, runId, line(0, 100));
    await discardMetricsAfter(store, runId, 49);
    expect(await readCurve(store, runId, 'loss')).toHaveLength(50);
  });

  test('100,000 of them are stored in under 10 seconds', async () => {
    const start = performance.now();
    for (let from = 0; from < 100_000; from += 10_000)
      await recordMetrics(store, runId, line(from, from + 10_000));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await readCurve(store, runId, 'loss', { pieces: 500 })).toHaveLength(500);
  });

  test('those of an unknown run are refused', async () => {
    await expect(recordMetrics(store, 'nobody', line(0, 1))).rejects.toThrow(/FOREIGN KEY/);
  });
});

describe('samples', () => {
  const sample = {
    step: 5,
    path: 'runs/a/samples/5-1.png',
    seed: 2 ** 53 - 1,
    prompt: 'a “fox”',
    sha256: 'a'.repeat(64),
  };

  test('are listed by step, the newest first, and found again', async () => {
    const first = await recordSample(store, { ...sample, runId });
    const later = await recordSample(store, { ...sample, runId, step: 9, path: 'runs/a/samples/9-1.png' });
    expect(await listSamples(store, runId)).toEqual([later, first]);
    expect(await listSamples(store, runId, 5)).toEqual([first]);
    expect(await getSample(store, first.id)).toEqual({ ...first, seed: 2 ** 53 - 1 });
    await expect(getSample(store, 'none')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each(['/etc/passwd', '../outside.png', 'runs/../../outside.png', 'C:/a.png', 'runs\\a.png'])(
    'a path like %s is refused',
    async (path) => {
      await expect(recordSample(store, { ...sample, runId, path })).rejects.toMatchObject({ field: 'path' });
    },
  );
});
