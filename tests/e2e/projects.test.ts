/** A person's first minutes: the demo is there, a project is made, kept over a reload, renamed and thrown away. */
import { expect } from 'vitest';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

/** Keeps how long each of the page's scripted animations takes. */
const noteMoves = `(() => {
  globalThis.moves = [];
  const { animate } = Element.prototype;
  Element.prototype.animate = function (frames, options) {
    moves.push(options.duration);
    return animate.call(this, frames, options);
  };
})()`;

/** Whether a thing has the colour that the system gives to what is selected. */
const noteSelected = `(() => {
  const probe = document.body.appendChild(document.createElement('div'));
  Object.assign(probe.style, { background: 'SelectedItem', forcedColorAdjust: 'none' });
  const selected = getComputedStyle(probe).backgroundColor;
  probe.remove();
  globalThis.isSelected = (mark) => getComputedStyle(mark).backgroundColor === selected;
})()`;

browserTest('creates a project and finds it again after a reload', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).waitFor();

  await page.keyboard.press('Control+n');
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await dialog.locator('input:focus').waitFor();
  await page.keyboard.type('?');
  expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('?');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('x'.repeat(201));
  await dialog.getByRole('button', { name: 'New project' }).click();
  await dialog.getByText('This needs 1 to 200 characters.').waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toHaveLength(201);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Watercolour birds');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Open Watercolour birds' }).waitFor();

  await page.reload();
  await page.getByRole('button', { name: 'Open Watercolour birds' }).waitFor();
  expect(await page.getByRole('navigation').innerText()).toContain('Watercolour birds');

  await page.getByRole('button', { name: 'More for Watercolour birds' }).click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Ink birds');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('button', { name: 'Open Ink birds' }).waitFor();

  // Where nothing shall move no notice glides in.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(noteMoves);
  await page.getByRole('button', { name: 'More for Ink birds' }).click();
  await page.getByRole('menuitem', { name: 'Move to trash…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText('“Ink birds” is in the trash.').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Open Ink birds' }).count()).toBe(0);
  expect(await page.evaluate('moves.filter((milliseconds) => milliseconds > 0)')).toEqual([]);
  expect(lab.complaints).toEqual([]);
});

browserTest('is reached by keys alone, in every theme and language, and says what computes', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.keyboard.press('Control+,');
  await page.getByRole('heading', { name: 'Engine', exact: true }).waitFor();
  await page.getByText('In use').waitFor();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('mid-grey');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('grey');

  await page.keyboard.press('F1');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');

  // Where the system forces its colours, the current view and the chosen theme are marked by its own.
  await page.emulateMedia({ forcedColors: 'active' });
  await page.evaluate(noteSelected);
  for (const chosen of ['nav [aria-current=page]', '[aria-label=Theme] input:checked + span'])
    await expect
      .poll(() => page.evaluate(`isSelected(document.querySelector('${chosen}'))`), { timeout: 5000 })
      .toBe(true);
  expect(await page.evaluate(`isSelected(document.querySelector('nav a:not([aria-current])'))`)).toBe(false);
  await page.emulateMedia({ forcedColors: 'none' });

  await page.getByLabel('Language').click();
  await page.getByRole('option', { name: '日本語' }).click();
  await page.getByRole('heading', { name: '設定' }).waitFor();
  // A second window follows, and so does the same after a reload.
  const other = await lab.open('gallery');
  await other.getByRole('heading', { name: 'ギャラリー' }).waitFor();
  expect(await other.locator('html').getAttribute('data-theme')).toBe('grey');
  for (const index of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await page.keyboard.press(`Control+${index}`);
  await page.getByRole('heading', { name: '2次元ラボ' }).waitFor();
  expect(lab.complaints).toEqual([]);
});
