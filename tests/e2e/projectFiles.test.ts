/** A project saved as a file by a browser's download and opened again by its upload. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

browserTest('saves a project as a file, opens it again, and refuses another', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'More for Emoji demo' }).click();
  await page.getByRole('menuitem', { name: 'Save as a file…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save “Emoji demo” as a file' });
  await dialog.getByLabel('Take the picture sets along').check();
  const downloaded = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toBe('Emoji demo.stillroom');
  const file = path.join(lab.dataFolder, download.suggestedFilename());
  await download.saveAs(file);
  await page.getByText('“Emoji demo” was saved:').waitFor();

  const asked = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a file…' }).click();
  await (await asked).setFiles(file);
  await page.getByText('“Emoji demo (2)” is here now.').waitFor();
  await page.getByRole('button', { name: 'Open Emoji demo (2)' }).waitFor();

  // By keys, wherever one is.
  await page.keyboard.press('Control+4');
  const wrong = path.join(lab.dataFolder, 'wrong.stillroom');
  await writeFile(wrong, 'not a zip');
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Control+o');
  await (await chooser).setFiles(wrong);
  await page.getByText('it is damaged or no .stillroom file; nothing was changed.').waitFor();
  await rm(file);
  expect(lab.complaints).toEqual([]);
});
