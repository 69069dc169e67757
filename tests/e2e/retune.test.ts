/** A run that mends itself, as a person hears of it: one sentence, and a mark in the gallery on the checkpoint to take. */
import { expect } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

/** CA alone, too fast: over-baked long before its end. */
const recipe = {
  ...{ name: 'Spear', teacher: 'toy', data: 'toy' },
  distributionMatching: { weight: 0 },
  optimizer: { learningRate: 4e-4 },
  renoising: { normalizer: 'time' },
  training: { iterations: 90, batch: 64, checkpointEvery: 20, sampleEvery: 1000 },
  supervision: { retunes: 1, chooseBest: 'on' },
};

browserTest('says that a run was retuned, and marks the best checkpoint in the gallery', async () => {
  await using lab = await openLab();
  const [ours, theirs] = memoryTransports();
  lab.host.accept(theirs);
  const { api } = connect(studioContract, ours);
  const page = await lab.open('train');
  await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
  const [project] = await api.projects.list();
  await api.runs.start({ projectId: project?.id ?? '', kind: 'distillation', recipe });
  await page
    .getByRole('region', { name: 'Notices' })
    .getByText(/^Over-baking: “Spear” goes on as “Spear \(retune 1\)” .* with DM weight 1\.$/)
    .waitFor({ timeout: 60_000 });

  const forked = async () => (await api.runs.list({})).find(({ name }) => name === 'Spear (retune 1)');
  await expect.poll(async () => (await forked())?.status, { timeout: 60_000 }).toBe('done');
  // The mark stands on the iteration that was measured to be nearest.
  const distances = await api.runs.curve({ id: (await forked())?.id ?? '', name: 'distance' });
  const nearest = distances.reduce((best, point) => (point.mean < best.mean ? point : best));
  await page.keyboard.press('Control+1');
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
  await page.keyboard.press('Control+6');
  await page.getByText(/^Checkpoints \(\d+\)$/).click();
  const marked = page
    .getByRole('listitem')
    .filter({ hasText: 'Spear (retune 1)' })
    .filter({ has: page.getByText('Best', { exact: true }) });
  expect(await marked.allInnerTexts()).toEqual([
    expect.stringMatching(new RegExp(`iteration ${nearest.step}\\b`)),
  ]);
  expect(lab.complaints).toEqual([]);
});
