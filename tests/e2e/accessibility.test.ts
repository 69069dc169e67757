/** No view in any theme, empty or filled, breaks a rule of accessibility seriously, judged by axe-core in a real browser. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { themes } from '../../engine/contract/messages/settings.ts';
import { viewIds } from '../../renderer/views/viewIds.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab, type Lab } from '../support/lab.ts';

/** Two frames: the shortest transition ends with the first. */
const drawn = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))';

/** Tells of violations alone: what is right is a hundred times as much to carry. */
const axeRun = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => ({ violations }))`;

/** What is looked at in one theme: an address, and what is done there first. */
interface Look {
  readonly view: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

browserTest('every view in every theme, while there is nothing and with runs and pictures', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  // Colours halfway through a transition are none of the theme's.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  expect(
    await judge(
      page,
      [...viewIds, 'projects/new'].map((view) => ({ view })),
    ),
  ).toEqual([]);

  const runId = await fill(lab);
  await page.evaluate(`window.location.hash = '/projects'`);
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  // A project opens with a view of its own: nothing is looked at before that is there.
  await page.locator('a[aria-current="page"][href="#/data"]').waitFor();
  const mode = (name: string) => (shown: Page) =>
    shown.locator('main').getByText(name, { exact: true }).first().click();
  const looks: readonly Look[] = [
    { view: 'recipe/goals' },
    { view: 'recipe/expert' },
    { view: 'recipe/json' },
    {
      view: `train/${runId}`,
      prepare: (shown) => shown.getByRole('img', { name: /^Deviation: \d/ }).waitFor(),
    },
    { view: 'gallery', prepare: (shown) => shown.locator('main img').first().waitFor() },
    { view: 'gallery', prepare: mode('Compare') },
    { view: 'gallery', prepare: mode('Race') },
    { view: 'library', prepare: (shown) => shown.getByRole('button', { name: 'More for Swift' }).waitFor() },
    {
      view: 'lab2d',
      async prepare(shown) {
        await shown.getByRole('button', { name: 'One iteration' }).click();
        await shown.getByRole('img', { name: /after \d+ iterations/ }).waitFor();
      },
    },
    { view: 'settings', prepare: (shown) => shown.getByText('In use').waitFor() },
  ];
  expect(await judge(page, looks)).toEqual([]);
  expect(lab.complaints).toEqual([]);
});

/** Serious violations in one page that changes its theme and view. */
async function judge(page: Page, looks: readonly Look[]): Promise<string[]> {
  const found: string[] = [];
  for (const theme of themes.filter((name) => name !== 'system')) {
    await page.keyboard.press('Control+,');
    await page.locator(`input[type="radio"][value="${theme}"]`).first().check({ force: true });
    await page.locator(`html[data-theme="${theme}"]`).waitFor();
    for (const { view, prepare } of looks) {
      await page.evaluate(`window.location.hash = '/${view}'`);
      await page.locator(`a[aria-current="page"][href="#/${view.split('/')[0]}"]`).waitFor();
      await prepare?.(page);
      await page.evaluate(drawn);
      const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>(axeRun);
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          found.push(
            `${theme} ${view}: ${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join(' ')}`,
          );
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  return found;
}

/** A student of the toy and pictures of it and its teacher, made over the bridge that windows use. */
async function fill({ host }: Lab): Promise<string> {
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  const { api } = connect(studioContract, ours);
  await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
  const [project] = await api.projects.list();
  const projectId = project?.id ?? '';
  const recipe = {
    ...{ name: 'Swift', teacher: 'toy', data: 'toy', student: { steps: 2 } },
    training: { iterations: 8, batch: 8, sampleEvery: 4, checkpointEvery: 4 },
  };
  const { id } = await api.runs.start({ projectId, kind: 'distillation', recipe });
  await expect.poll(async () => (await api.runs.get({ id })).status, { timeout: 60_000 }).toBe('done');
  const columns = [
    { model: 'toy', steps: 4, guidance: 1 },
    { model: `run:${id}`, steps: 2, guidance: null },
  ];
  await api.gallery.render({ projectId, columns, prompts: [], seeds: [1, 2] });
  return id;
}
