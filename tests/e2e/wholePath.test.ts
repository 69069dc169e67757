/** The whole path as one person walks it: from a folder of pictures to a compared, exported student of their own. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect } from 'vitest';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

browserTest('from a folder of pictures to a compared, exported student', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'stillroom-path-'));
  const folder = await paintPictures(path.join(parent, 'Weather'));
  await using lab = await openLab();
  const page = await lab.open();

  await beginProject(page);
  await addPictures(page, folder);
  await trainTeacher(page);
  await writeRecipe(page);
  await trainWithABreak(page);
  await makeGrid(page);
  await judgeBlindly(page);
  await exportStudent(page);
  await throwAwayAndBringBack(page);

  expect(lab.complaints).toEqual([]);
  await rm(parent, { recursive: true });
});

/** Twelve suns and twelve waves, no two alike. */
async function paintPictures(folder: string): Promise<string> {
  for (const name of ['sun', 'wave']) await mkdir(path.join(folder, name), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const sun = `<circle cx="${8 + i}" cy="12" r="${5 + (i % 4)}" fill="hsl(${20 + 3 * i} 90% 55%)"/>`;
    const wave = `<rect y="${8 + i}" width="24" height="${4 + (i % 3)}" fill="hsl(${190 + 4 * i} 70% 45%)"/>`;
    for (const [name, shape] of Object.entries({ sun, wave })) {
      const picture = `<svg width="48" height="48" viewBox="0 0 24 24"><rect width="24" height="24" fill="white"/>${shape}</svg>`;
      await sharp(Buffer.from(picture))
        .png()
        .toFile(path.join(folder, name, `${i}.png`));
    }
  }
  return folder;
}

async function beginProject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open Emoji demo' }).waitFor();
  await page.getByRole('button', { name: 'New project' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Weather');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Open Weather' }).click();
}

async function addPictures(page: Page, folder: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add folder' }).click();
  await (await chooser).setFiles(folder);
  await page.getByText('Every picture can be used as it is.').waitFor();
  await choose(page, 'Picture size', '16 × 16');
  await page.getByRole('button', { name: 'Use these pictures' }).click();
  await page.getByRole('button', { name: 'Go on to Teacher' }).click();
}

async function trainTeacher(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Train a teacher' }).click();
  await page.getByText('All settings').click();
  await fill(page, {
    ...{ Name: 'Weather teacher', Width: '16', Layers: '1', Heads: '1' },
    ...{ Iterations: '60', Batch: '8', 'Sample every': '30' },
  });
  await page.getByRole('button', { name: 'Start training' }).click();
  await page.getByRole('heading', { level: 1, name: 'Weather teacher' }).waitFor();
  await page.getByRole('button', { name: 'Sample this teacher' }).click();
  await page.getByRole('button', { name: 'Use this teacher' }).click();
  await page.getByRole('button', { name: 'Go on to Recipe' }).click();
}

async function writeRecipe(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Choose 4 steps, best' }).click();
  await page.getByText('Expert', { exact: true }).click();
  await fill(page, { Name: 'Four-step weather', Iterations: '120', Batch: '4', 'Checkpoint every': '20' });
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Four-step weather' }).waitFor();
}

/** Paused, the window reloaded, resumed where it was, and trained to its end. */
async function trainWithABreak(page: Page): Promise<void> {
  const iteration = async () => Number(await page.locator('dd strong').first().innerText());
  await expect.poll(iteration, { timeout: 60_000 }).toBeGreaterThan(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  const resume = page.getByRole('button', { name: 'Resume' });
  await resume.waitFor();
  const pausedAt = await iteration();
  expect(pausedAt).toBeLessThan(120);
  await page.reload();
  await resume.waitFor();
  expect(await iteration()).toBe(pausedAt);
  await resume.click();
  await page.getByText('Student · Done').waitFor({ timeout: 120_000 });
  expect(await iteration()).toBe(120);
}

async function makeGrid(page: Page): Promise<void> {
  await page.keyboard.press('Control+6');
  await page.getByRole('textbox', { name: 'Its steps' }).fill('8');
  // Teacher and student, two classes, two seeds.
  await page.getByRole('button', { name: 'Make 8 pictures' }).click();
  await page.getByText('8 of 8 pictures').waitFor();
  await page.getByRole('button', { name: /^Four-step weather, 4 steps, wave, seed 2$/ }).waitFor();
}

async function judgeBlindly(page: Page): Promise<void> {
  await page.getByText('Blind test', { exact: true }).click();
  await page.getByRole('button', { name: 'Start blind test' }).click();
  for (let judged = 0; judged < 4; judged++) {
    await page.getByText(`${judged} of 4 judged`).waitFor();
    expect(await page.locator('main').innerText()).not.toContain('Four-step');
    await page.keyboard.press('ArrowLeft');
  }
  await page.getByRole('button', { name: 'New blind test' }).waitFor();
  expect(await page.locator('main').innerText()).toContain('Four-step weather');
}

async function exportStudent(page: Page): Promise<void> {
  await page.keyboard.press('Control+7');
  await more(page, 'Four-step weather', 'Export model…');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await dialog.getByText('Read back and compared:').waitFor();
  const folder = await dialog.locator('.folder').innerText();
  const model: unknown = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  expect(model).toMatchObject({ role: 'student', name: 'Four-step weather' });
  await page.keyboard.press('Escape');
}

async function throwAwayAndBringBack(page: Page): Promise<void> {
  const student = page.getByRole('button', { name: 'More for Four-step weather' });
  await more(page, 'Four-step weather', 'Move to trash');
  await student.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo: Four-step weather' }).click();
  await student.waitFor();
  await page.keyboard.press('Control+6');
  await page.getByText('8 of 8 pictures').waitFor();
}

async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values))
    await page
      .getByRole('textbox', { name: new RegExp(`^${label}`) })
      .first()
      .fill(value);
}

async function choose(page: Page, list: string, option: string): Promise<void> {
  await page.getByLabel(list).click();
  await page.getByRole('option', { name: option }).click();
}

async function more(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}
