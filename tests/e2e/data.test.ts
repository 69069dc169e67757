/** From a folder of pictures to a teacher's training: files are reported on and chosen, the recipe outlives a reload. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { goldenPath } from '../engine/data/support.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

const files = {
  herons: ['alpha.png', 'smooth.png', 'wide.png', 'sideways.jpg'],
  wrens: ['palette.png', 'green.webp', 'animated.gif', 'cut-off.png', 'huge.png'],
} as const;

browserTest('adds a folder, reports on it and starts a teacher on it', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'stillroom-birds-'));
  const folder = path.join(parent, 'Birds');
  for (const [className, names] of Object.entries(files)) {
    await mkdir(path.join(folder, className), { recursive: true });
    for (const name of names) await copyFile(goldenPath(name), path.join(folder, className, name));
  }
  await copyFile(goldenPath('smooth.png'), path.join(folder, 'wrens/copy.png'));
  await writeFile(path.join(folder, 'herons/wide.txt'), 'a heron over a lake');
  const before = await contentsOf(folder);

  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { name: 'Data' }).waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add folder' }).click();
  await (await chooser).setFiles(folder);

  const row = (file: string) => page.getByRole('row').filter({ hasText: file });
  await row('wrens/copy.png').getByText('The same picture as “herons/smooth.png”: left out.').waitFor();
  await row('wrens/cut-off.png').getByText('Damaged or cut off: left out.').waitFor();
  await row('wrens/huge.png').getByText('Too large').waitFor();
  await row('wrens/animated.gif').getByText('Animated, 3 frames: the first was used.').waitFor();
  await row('herons/wide.png').getByText('Only 24×8 pixels').waitFor();
  await page.getByText('a heron over a lake').waitFor();
  const inspector = page.getByRole('complementary', { name: 'What training sees' });
  expect(await inspector.innerText()).toMatch(/herons\s+4\s+wrens\s+3/);
  await page.getByText('Whole, with the cut').click();
  await page.getByRole('img', { name: 'a heron over a lake, 24 by 8 pixels' }).waitFor();
  await page.getByLabel('Picture size').click();
  await page.getByRole('option', { name: '16 × 16' }).click();
  await expect.poll(() => row('wrens/green.webp').count()).toBe(0);
  await page.getByRole('button', { name: 'Use these pictures' }).click();
  await page.getByText('“Emoji demo” learns from “Birds”.').waitFor();
  // A reload comes back to the set and to the choice.
  await page.reload();
  await page.getByRole('button', { name: 'Go on to Teacher' }).click();

  await page.getByRole('button', { name: 'Train a teacher' }).click();
  await page.getByText('All settings').click();
  const fill = (label: string, value: string) =>
    page.getByRole('textbox', { name: new RegExp(`^${label}`) }).fill(value);
  expect(await page.getByRole('textbox', { name: /^Image size/ }).inputValue()).toBe('16');
  await fill('Name', 'Bird teacher');
  await fill('Layers', 'many');
  await page.getByText(/^This needs a whole number from 1 to \d+\.$/).waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Start training' }).isDisabled()).toBe(true);
  await page.reload();
  expect(await page.getByRole('textbox', { name: /^Name/ }).inputValue()).toBe('Bird teacher');
  await page.getByRole('textbox', { name: /^Layers/ }).waitFor();
  await page.getByText('All settings').click();
  for (const [label, value] of Object.entries({
    Width: '16',
    Layers: '1',
    Heads: '1',
    Iterations: '30',
    Batch: '4',
  }))
    await fill(label, value);
  await fill('Sample every', '10');
  await page.getByRole('button', { name: 'Start training' }).click();

  await page.getByRole('heading', { name: 'Bird teacher' }).waitFor();

  expect(await contentsOf(folder)).toEqual(before);
  expect(lab.complaints).toEqual([]);
  await rm(parent, { recursive: true });
});

browserTest('adds a text of prompts and distils with it', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { name: 'Data' }).waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add prompts' }).click();
  const buffer = Buffer.from('a red heart\n\na smiling cat\n');
  await (await chooser).setFiles({ name: 'hearts.txt', mimeType: 'text/plain', buffer });
  await page.getByRole('heading', { name: '2 prompts' }).waitFor();
  expect(await page.getByRole('listitem').filter({ hasText: 'a smiling cat' }).count()).toBe(1);
  await page.getByRole('button', { name: 'Distil with these prompts' }).click();
  await page.getByText('“Emoji demo” distils with “hearts.txt”.').waitFor();
  await page.locator('[data-path=data]').getByText('hearts.txt').waitFor();
  await page.goBack();
  await page.getByRole('button', { name: /^hearts\.txt 2 prompts In use$/ }).waitFor();
  await page.getByRole('button', { name: 'Go on to Recipe' }).click();
  const goal = (name: string) => page.getByRole('listitem').filter({ hasText: name });
  await goal('DMD2').getByText('need real pictures').waitFor();
  expect(lab.complaints).toEqual([]);
});

async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(
      names.sort().map(async (name) => [name, (await readFile(name)).toString('base64')] as const),
    ),
  );
}
