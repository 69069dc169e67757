/** One of the paper's experiments on the toy: run from its card, watched while it grows, read and taken away. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import { afterEach, expect, vi } from 'vitest';
import { reportSchema } from '../../engine/contract/experiments/report.ts';
import { browserTest } from '../support/chromium.ts';
import { fakeSlurm } from '../support/fakeSlurm.ts';
import { openLab } from '../support/lab.ts';

afterEach(() => vi.unstubAllEnvs());

browserTest('an experiment runs in the queue and ends in a report that can be exported', async () => {
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByText('Emoji demo').first().click();
  await page.getByRole('link', { name: 'Experiments' }).click();
  const seeds = page.getByRole('textbox', { name: 'Seeds' });
  await seeds.fill('1, 1');
  await page.getByText('Different whole numbers').waitFor();
  await seeds.fill('5');

  // A value that the recipe refuses is named before anything runs.
  await page.getByRole('textbox', { name: 'Values' }).fill('7');
  await page.getByText(/fakeScore\.learningRate is not valid/).waitFor();

  await page.getByRole('button', { name: 'Run “What each noise level teaches”' }).click();
  await page.getByRole('heading', { name: 'What each noise level teaches' }).waitFor();
  const table = page.getByRole('region', { name: 'All numbers' });
  // By rule one seed decides nothing.
  await page.getByText('Undecided at this scale').waitFor({ timeout: 90_000 });
  const numbers = await table.getByRole('row').allInnerTexts();
  expect(numbers).toHaveLength(8);
  for (const row of numbers.slice(3)) expect(row).toMatch(/τ in \[.*\d\.\d/s);
  await page.getByRole('img', { name: /^To the teacher of 6 variants/ }).waitFor();

  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

  await page.getByRole('button', { name: 'Export report' }).click();
  await page.getByText(/The report is in /).waitFor();
  const [exported = ''] = await readdir(path.join(lab.dataFolder, 'exports'));
  const folder = path.join(lab.dataFolder, 'exports', exported);
  expect(await readdir(folder)).toContain('index.html');
  const report = reportSchema.parse(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8')));
  // The page shows the very numbers of the file.
  const shown = report.rows.at(-1)?.summary['toTeacher']?.mean ?? NaN;
  expect(numbers.at(-1)).toContain(String(Number(shown.toPrecision(3))));
  expect(lab.complaints).toEqual([]);
});

browserTest('an experiment goes to the cluster that was chosen, asked for what was typed', async () => {
  await using slurm = await fakeSlurm();
  vi.stubEnv('PATH', `${slurm.folder}:${process.env['PATH'] ?? ''}`);
  await slurm.says(Array.from({ length: 6 }, () => 'PENDING'));
  await using lab = await openLab();
  const page = await lab.open();
  await page.getByText('Emoji demo').first().click();
  await page.getByRole('link', { name: 'Experiments' }).click();
  await page.getByText('On the cluster').click();
  const options = page.getByRole('group', { name: 'What a task asks of the cluster' });
  const type = async (name: string, text: string) => {
    await options.getByRole('textbox', { name }).fill(text);
    await options.getByRole('textbox', { name }).press('Tab');
  };
  await type('Partition', '$(id)');
  await options.getByText('Letters, digits, points, commas and hyphens.').waitFor();
  await type('Partition', 'gpu');
  await type('Time limit', '2:00:00');
  // What is right was kept, with the choice.
  await page.reload();
  await options.waitFor();
  expect(await options.getByRole('textbox', { name: 'Partition' }).inputValue()).toBe('gpu');

  await page.getByRole('textbox', { name: 'Seeds' }).fill('5');
  await page.getByRole('button', { name: 'Run “What each noise level teaches”' }).click();
  await page.getByText('“What each noise level teaches” is with the cluster.').waitFor();
  await page.getByText('SLURM job 1').first().waitFor();
  expect(await slurm.words()).toEqual(expect.arrayContaining(['--partition=gpu', '--time=2:00:00']));
  expect(lab.complaints).toEqual([]);
});
