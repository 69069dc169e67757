/** A run as a person watches it: begun, paused, the window reloaded, resumed, forked with a change. */
import { expect } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

const recipe = {
  ...{ name: 'Toy', teacher: 'toy', data: 'toy', student: { steps: 2 } },
  training: { iterations: 4000, batch: 8, checkpointEvery: 10, sampleEvery: 20 },
};

browserTest('a toy run is watched, paused, found again after a reload, resumed and forked', async () => {
  await using lab = await openLab();
  const [ours, theirs] = memoryTransports();
  lab.host.accept(theirs);
  const { api } = connect(studioContract, ours);
  await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
  const [project] = await api.projects.list();
  const run = await api.runs.start({ projectId: project?.id ?? '', kind: 'distillation', recipe });

  const page = await lab.open(`train/${run.id}`);
  const heading = page.getByRole('heading', { level: 1, name: 'Toy' });
  await heading.waitFor();
  const iteration = async () => Number(await page.locator('dd strong').first().innerText());
  const deviation = page.getByRole('img', { name: /^Deviation: \d/ });
  await deviation.waitFor();
  await page.getByRole('img', { name: /^Fake score sees/ }).waitFor();
  await page.getByRole('slider', { name: 'Iterations' }).waitFor();

  // Another noise level is looked at while it trains.
  await page.getByRole('slider', { name: 'Noise level τ' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText('τ = 0.55').waitFor();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  const pausedAt = await iteration();
  expect(pausedAt).toBeGreaterThan(10);

  await page.reload();
  await heading.waitFor();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  expect(await iteration()).toBe(pausedAt);
  await deviation.waitFor();
  await page.getByRole('img', { name: /^Teacher sees/ }).waitFor();

  // By a key: resumed where it was.
  await page.locator('main').focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await expect.poll(iteration, { timeout: 60_000 }).toBeGreaterThan(pausedAt);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();

  await page.keyboard.press('f');
  const dialog = page.getByRole('dialog', { name: 'Rewind and fork' });
  await dialog.getByRole('textbox', { name: 'CA weight' }).fill('');
  await dialog.getByRole('button', { name: 'Fork' }).click();
  await dialog.getByText('A number is needed.').waitFor();
  await dialog.getByRole('textbox', { name: 'CA weight' }).fill('0.5');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Toy, weaker');
  await dialog.getByRole('button', { name: 'Fork' }).click();
  await page.getByRole('heading', { level: 1, name: 'Toy, weaker' }).waitFor();
  const fork = (await api.runs.list({}))[0];
  expect(fork).toMatchObject({ name: 'Toy, weaker', parentRunId: run.id });
  expect((await api.runs.get({ id: fork?.id ?? '' })).recipe).toMatchObject({
    cfgAugmentation: { weight: 0.5 },
  });
  await expect.poll(iteration, { timeout: 60_000 }).toBeGreaterThan(fork?.parentStep ?? Infinity);
  await api.runs.pause({ id: fork?.id ?? '' });
  expect(lab.complaints).toEqual([]);
});
