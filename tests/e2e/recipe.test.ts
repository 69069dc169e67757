/** The recipe by hand: bands by pointer and keys, a wrong value that stays, JSON, a measured cost, and a run that starts. */
import { expect } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

browserTest('draws noise ranges, keeps what is wrong over a reload, and starts a run', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
  await page.goto(`${lab.link}#/recipe`);
  await page.getByRole('button', { name: 'Choose 4 steps, best' }).click();
  await page.getByText('Expert', { exact: true }).click();

  const low = page.getByRole('slider', { name: 'CA: noisiest level' });
  const high = page.getByRole('slider', { name: 'CA: cleanest level' });
  const typed = page.getByRole('textbox', { name: 'CA: noisiest level' });
  expect(await low.getAttribute('aria-valuenow')).toBe('0');
  await low.focus();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowRight');
  expect(await low.getAttribute('aria-valuetext')).toBe('τ 0.11, Composition and colour');
  expect(await typed.inputValue()).toBe('0.11');
  await page.keyboard.press('End');
  // The ends never meet.
  expect(await typed.inputValue()).toBe('0.97');
  await page.keyboard.press('Home');

  const box = await high.boundingBox();
  const track = await page.locator('.track').first().boundingBox();
  if (!box || !track) throw new Error('the band is not shown');
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x - 0.3 * track.width, middle.y, { steps: 3 });
  await page.mouse.up();
  expect(Number(await high.getAttribute('aria-valuenow'))).toBeCloseTo(0.68, 1);

  const steps = page.getByRole('textbox', { name: 'Steps', exact: true });
  await steps.fill('nine');
  await page.getByText('This needs a whole number from 1 to 8.').first().waitFor();
  expect(await steps.getAttribute('aria-invalid')).toBe('true');
  await page.getByText('Draft saved').waitFor();
  await page.reload();
  expect(await steps.inputValue()).toBe('nine');
  expect(Number(await high.getAttribute('aria-valuenow'))).toBeCloseTo(0.68, 1);
  await page.keyboard.press('Control+Enter');
  await steps.and(page.locator(':focus')).waitFor();

  // A method shows its own settings and takes away those that it leaves alone.
  const named = (label: string) => page.getByRole('textbox', { name: label, exact: true });
  await page.getByRole('slider', { name: 'GAN weight' }).focus();
  await page.keyboard.press('End');
  await named('Discriminator weight').waitFor();
  await page.getByLabel('Method', { exact: true }).click();
  await page.getByRole('option', { name: 'Consistency' }).click();
  await named('Skip').waitFor();
  expect(await named('Discriminator weight').count()).toBe(0);
  expect(await page.getByRole('slider', { name: 'CA weight' }).count()).toBe(0);
  await page.getByLabel('Method', { exact: true }).click();
  await page.getByRole('option', { name: 'Decoupled DMD' }).click();
  await page.getByRole('slider', { name: 'CA weight' }).waitFor();

  const recipe = { name: 'Toy', teacher: 'toy', data: 'toy', student: { steps: 2 } };
  await page.goto(`${lab.link}#/recipe/json`);
  const json = page.getByRole('textbox', { name: 'Recipe as JSON' });
  await json.fill(JSON.stringify({ ...recipe, guidanse: 3 }));
  await page.getByText('guidanse: This is not a setting.').waitFor();
  await json.fill(JSON.stringify({ ...recipe, training: { iterations: 4, batch: 8 } }));
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Not measured here yet').waitFor();
  await page.getByRole('button', { name: 'Measure' }).click();
  await page.getByText(/an iteration\. From iterations measured/).waitFor();

  await page.keyboard.press('Control+Enter');
  await page.getByText('“Toy” is in the queue.').waitFor();
  expect(page.url()).toContain('#/train/');
  const [ours, theirs] = memoryTransports();
  lab.host.accept(theirs);
  const { api } = connect(studioContract, ours);
  await expect.poll(async () => (await api.runs.list({}))[0]?.status, { timeout: 60_000 }).toBe('done');
  expect(lab.complaints).toEqual([]);
});
