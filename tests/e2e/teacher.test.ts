/** A model from elsewhere: uploaded by a browser, told what it is, its guidance measured, sampled, removed. */
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { modelFolder } from '../../engine/training/modelFolder.ts';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

browserTest('adds a model, says whether its guidance works, and refuses what is none', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-model-'));
  await cp(modelFolder('toy'), folder, { recursive: true });
  await writeFile(path.join(folder, 'lora.safetensors'), 'not a model');
  await using lab = await openLab();
  const page = await lab.open('teacher/toy');
  const adding = page.getByRole('button', { name: 'Add a model' });
  const choose = async (...names: string[]) => {
    await expect.poll(() => adding.isEnabled(), { timeout: 60_000 }).toBe(true);
    const chooser = page.waitForEvent('filechooser');
    await adding.click();
    await (await chooser).setFiles(names.map((name) => path.join(folder, name)));
  };
  await choose('lora.safetensors');
  await page.getByText('“lora.safetensors” is damaged').waitFor();

  await choose('model.json', 'weights.safetensors');
  await page.getByText('“Toy teacher” was added.').waitFor();
  const card = page.getByRole('button', { name: /^Toy teacher/ });
  expect(await card.innerText()).toMatch(/Point network.*Points.*8 classes/);
  expect(await card.innerText()).toContain('Added here');
  await page.getByText('Guidance works').waitFor();
  await page.getByText(/the condition moves what it predicts by 6\d%/).waitFor();
  await page.getByRole('img', { name: 'Points of the toy, one colour a class' }).waitFor();

  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect.poll(() => card.count()).toBe(0);
  expect(await readdir(path.join(lab.dataFolder, 'uploads'))).toEqual([]);
  expect(lab.complaints).toEqual([]);
  await rm(folder, { recursive: true });
});
