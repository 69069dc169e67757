/** A run that goes wrong and may be retuned: by the studio's queue and by the command line, which must decide alike. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { openHost } from '../../../electron/host.ts';
import { studioContract } from '../../../engine/contract/messages.ts';
import type { RunRetuned } from '../../../engine/contract/messages/runs.ts';
import { eventsOf, useCommandLine } from '../../support/commandLine.ts';
import { weightsIn } from '../../support/weights.ts';

const commandLine = useCommandLine();

/** CA alone, too fast: over-baked long before its end. */
const recipe = {
  ...{ name: 'Spear', teacher: 'toy', data: 'toy' },
  distributionMatching: { weight: 0 },
  optimizer: { learningRate: 4e-4 },
  renoising: { normalizer: 'time' },
  training: { iterations: 120, batch: 64, checkpointEvery: 20, sampleEvery: 1000 },
  supervision: { retunes: 1, chooseBest: 'on' },
};

const flagsOf = (section: object, prefix = ''): string[] =>
  Object.entries(section).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? flagsOf(value, `${prefix}${name}.`)
      : [`--${prefix}${name}=${String(value)}`],
  );

const weightsOf = (data: string, run: string) => weightsIn(path.join(data, 'runs', run, 'student'));

test('the queue forks it before the trouble, pauses it and says so; the command line makes the same student', async () => {
  const data = path.join(commandLine.folder, 'studio');
  const host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: data });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  const client = connect(studioContract, ours);
  const told: RunRetuned[] = [];
  client.on('runs.retuned', (retuned) => told.push(retuned));
  const { runs } = client.api;
  const [project] = await client.api.projects.list();
  const start = (given: object) =>
    runs.start({ projectId: project?.id ?? '', kind: 'distillation', recipe: { ...given } });
  await expect
    .poll(async () => (await client.api.app.state()).engine.status, { timeout: 60_000 })
    .toBe('ready');

  const { id } = await start(recipe);
  const other = await start({ ...recipe, name: 'Waits', training: { ...recipe.training, iterations: 2 } });
  const untilDone = (wanted: string) =>
    expect.poll(async () => (await runs.get({ id: wanted })).status, { timeout: 60_000 }).toBe('done');
  await untilDone(other.id);

  expect(told).toHaveLength(1);
  const forkId = told[0]?.fork.id ?? '';
  const fork = await runs.get({ id: forkId });
  expect(fork).toMatchObject({ name: 'Spear (retune 1)', parentRunId: id, status: 'done' });
  expect(told[0]).toMatchObject({
    ...{ run: { id }, verdict: 'over-baked', changes: { 'distributionMatching.weight': 1 } },
  });
  expect(fork.recipe).toMatchObject({ distributionMatching: { weight: 1 }, supervision: { retunes: 0 } });
  const parent = await runs.get({ id });
  expect(parent.status).toBe('paused');
  // The verdict needs 20 iterations, the retune 50 and a checkpoint: it comes at 60, from one before the trouble.
  const [overBaked] = await runs.verdicts({ id });
  expect(fork.parentStep).toBeLessThanOrEqual(overBaked?.step ?? 0);
  expect(parent.checkpoints[0]?.step).toBeGreaterThanOrEqual(60);
  expect(parent.checkpoints[0]?.step).toBeLessThan(120);
  // Its best is one of its own checkpoints, marked for the gallery, too, and the student.
  const best = fork.checkpoints.filter((checkpoint) => checkpoint.best);
  expect(best).toHaveLength(1);
  const sources = await client.api.gallery.sources({ projectId: project?.id ?? '' });
  expect(sources.filter((source) => source.best && source.runId === forkId)).toMatchObject([
    { model: `checkpoint:${best[0]?.id ?? ''}`, iteration: best[0]?.step },
  ]);
  const distances = await runs.curve({ id: forkId, name: 'distance' });
  const nearest = Math.min(...distances.map(({ mean }) => mean));
  expect(distances.find(({ mean }) => mean === nearest)?.step).toBe(best[0]?.step);
  const [first] = await runs.curve({ id: forkId, name: 'x_std' });
  expect(first?.step).toBe((fork.parentStep ?? 0) + 1);

  // What a person resumes is not taken away again.
  await runs.resume({ id });
  await untilDone(id);
  expect(told).toHaveLength(1);
  expect((await runs.list({})).filter(({ parentRunId }) => parentRunId === id)).toHaveLength(1);
  await host.close();

  const done = eventsOf(await commandLine.run(['distil', ...flagsOf(recipe), '--json'])).at(-1);
  expect(done).toMatchObject({ event: 'done' });
  const { facts } = z.object({ facts: z.object({ run: z.string() }) }).parse(done);
  expect(await weightsOf(path.join(commandLine.folder, 'data'), facts.run)).toEqual(
    await weightsOf(data, forkId),
  );
}, 180_000);
