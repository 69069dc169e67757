/** From a trained student to a judged, exported, thrown away and restored one, in a real browser with the real engine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { readProvenance } from '../../engine/data/png.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab, type Lab } from '../support/lab.ts';

/** What is needed of an image: these files are checked without the DOM's types. */
interface Drawn {
  readonly style: { readonly transform: string };
}

/** A student of the toy, trained for a moment through the same bridge that windows use. */
async function trainStudent({ host }: Lab): Promise<void> {
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  const { api } = connect(studioContract, ours);
  const [project] = await api.projects.list();
  const projectId = project?.id ?? '';
  await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
  const recipe = {
    ...{ name: 'Swift', teacher: 'toy', data: 'toy', student: { steps: 2 } },
    training: { iterations: 6, batch: 8, checkpointEvery: 6, sampleEvery: 1000 },
  };
  const { id } = await api.runs.start({ projectId, kind: 'distillation', recipe });
  await expect.poll(async () => (await api.runs.get({ id })).status, { timeout: 60_000 }).toBe('done');
}

browserTest('makes a grid, rates, judges blindly, saves, throws away and brings back', async () => {
  await using lab = await openLab();
  await trainStudent(lab);
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
  await page.keyboard.press('Control+6');

  // The grid: the teacher and its student for two seeds.
  const make = page.getByRole('button', { name: /^Make \d/ });
  await page.getByLabel('Its steps').fill('none');
  await page.getByText('Write whole numbers from 1 to 200.').waitFor();
  expect(await make.isEnabled()).toBe(false);
  await page.getByLabel('Its steps').fill('4');
  await page.getByRole('button', { name: 'Make 4 pictures' }).click();
  await page.getByRole('button', { name: 'All of these are there' }).waitFor();
  const cells = page.getByRole('button', { name: /, seed [12]$/ });
  expect(await cells.count()).toBe(4);

  // By keys: the student's first picture gets four stars.
  await cells.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toContain('Swift');
  await page.keyboard.press('4');
  await page.getByRole('button', { name: '4 stars', pressed: true }).waitFor();
  await page.getByLabel('Rating', { exact: true }).first().click();
  await page.getByRole('option', { name: '4 stars and up' }).click();
  await page.getByText('1 of 4 pictures').waitFor();
  await page.getByLabel('Rating', { exact: true }).first().click();
  await page.getByRole('option', { name: 'Any rating' }).click();

  // Side by side: both are enlarged and moved as one.
  await cells.first().focus();
  await page.keyboard.press('Space');
  await page.getByText('1 of 2', { exact: false }).waitFor();
  const pair = page.locator('main figure img');
  // A pointer moves by whole pixels.
  const rounded = (transform: string) =>
    transform.replace(/[\d.]+%/, (share) => `${Math.round(parseFloat(share))}%`);
  const looks = async () =>
    (await pair.evaluateAll((images: Drawn[]) => images.map(({ style }) => style.transform))).map(rounded);
  await page.keyboard.press('+');
  await expect.poll(looks).toEqual(Array(2).fill('translate(0%, 0%) scale(1.5)'));
  const frame = await page.locator('main figure .frame').first().boundingBox();
  const { x = 0, y = 0, width = 0 } = frame ?? {};
  await page.mouse.move(x + width / 4, y + width / 4);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + width / 4);
  await page.mouse.up();
  await expect.poll(looks).toEqual(Array(2).fill('translate(25%, 0%) scale(1.5)'));
  await page.getByRole('button', { name: 'Fit' }).click();
  await expect.poll(looks).toEqual(Array(2).fill('translate(0%, 0%) scale(1)'));
  await page.getByText('Difference').click();
  await page.getByText('Black where both are equal').waitFor();

  // Blindly, to a result that knows how little two judgements say.
  await page.getByText('Blind test', { exact: true }).click();
  await page.getByRole('button', { name: 'Start blind test' }).click();
  await page.getByText('0 of 2 judged').waitFor();
  await page.getByRole('button', { name: 'Left is better' }).click();
  await page.getByText('1 of 2 judged').waitFor();
  await page.getByRole('button', { name: 'Right is better' }).click();
  await page.getByRole('button', { name: 'New blind test' }).waitFor();
  expect(await page.getByText(/in 100% of tests|in 50% of tests/).count()).toBe(1);

  // A picture leaves with its recipe, goes to the trash and comes back.
  await page.getByText('Grid', { exact: true }).click();
  await cells.nth(1).focus();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Save PNG' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^Swift.*\.png$/);
  expect(readProvenance(await readFile(await download.path()))).toMatchObject({ student: 'Swift', seed: 1 });
  await cells.nth(1).focus();
  await page.keyboard.press('Delete');
  await page.getByText('3 of 3 pictures').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('4 of 4 pictures').waitFor();

  // The student: exported, thrown away, restored.
  await page.keyboard.press('Control+7');
  await page.getByRole('button', { name: 'More for Swift' }).click();
  await page.getByRole('menuitem', { name: 'Export model…' }).click();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByText('Read back and compared:').waitFor();
  const folder = await page.getByRole('dialog').locator('.folder').innerText();
  const model: unknown = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  expect(model).toMatchObject({ role: 'student', name: 'Swift' });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: 'More for Swift' }).click();
  await page.getByRole('menuitem', { name: 'Move to trash' }).click();
  await page.getByRole('button', { name: 'More for Swift' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Restore Swift' }).waitFor();
  await page.getByRole('button', { name: 'Undo: Swift' }).click();
  await page.getByRole('button', { name: 'More for Swift' }).waitFor();
  expect(lab.complaints).toEqual([]);
});
