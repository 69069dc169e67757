import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import type { Comparison } from '../../../../electron/features/comparison/comparison.ts';
import { renderPage } from '../../../../electron/features/comparison/page/page.ts';
import { browserTest, launchChromium } from '../../../support/chromium.ts';
import { sampleComparison } from '../../../support/sampleComparison.ts';

const folder = mkdtemp(path.join(tmpdir(), 'page-'));
let browser: Browser | undefined;
afterAll(async () => {
  await browser?.close();
  await rm(await folder, { recursive: true });
});

/** Opens the report from disk; `requests` are all but the page itself and its own data, `complaints` the console's. */
async function open(
  comparison: Comparison,
  width = 1280,
): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const file = path.join(await folder, 'index.html');
  await writeFile(file, await renderPage(comparison));
  browser ??= await launchChromium();
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const address = pathToFileURL(file).href;
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) requests.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  // On a busy computer the network is idle before a large page is parsed and its script has run.
  await page.goto(address, { waitUntil: 'load' });
  await page.waitForLoadState('networkidle');
  return { page, requests, complaints };
}

browserTest('renders without a request or a complaint, every image decoded, nothing cut off', async () => {
  for (const width of [1280, 400]) {
    const { page, requests, complaints } = await open(sampleComparison(), width);
    expect([requests, complaints]).toEqual([[], []]);
    const broken = await page.evaluate<number>(
      '[...document.images].filter((image) => image.naturalWidth !== 128).length',
    );
    expect(broken).toBe(0);
    expect(await page.locator('img:not([alt])').count()).toBe(0);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
    await page.close();
  }
});

browserTest('hostile captions and labels are shown as text and run nothing', async () => {
  const attack = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script></title>&amp;\u0000\ud800`;
  const sample = sampleComparison();
  const { page, requests, complaints } = await open({
    ...sample,
    title: attack,
    seedInfo: attack,
    createdAt: attack,
    prompts: sample.prompts.map(() => attack),
    columns: sample.columns.map((column) => ({
      ...column,
      label: attack,
      description: attack,
      metrics: { [attack]: 1 },
    })),
    strips: sample.strips.map((strip) => ({ ...strip, label: attack, description: attack })),
    recipes: { [attack]: { name: attack } },
    notes: [attack],
    environment: { [attack]: attack },
  });
  expect([requests, complaints]).toEqual([[], []]);
  expect(await page.title()).toContain('onerror');
  expect(await page.locator('h1').textContent()).toBe(attack.replace('\u0000\ud800', '\uFFFD\uFFFD'));
  expect(await page.locator('[onerror]').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(1);
  await page.close();
});

browserTest('rows, columns and iterations are chosen with mouse and keyboard', async () => {
  const { page } = await open(sampleComparison());
  const shown = page.locator('.viewer .shown');
  const right = page.locator('.viewer .right');
  expect(await shown.textContent()).toBe('a red apple');
  await page.locator('.grid tbody button').first().focus();
  await page.keyboard.press('ArrowDown');
  expect(await shown.textContent()).toBe('a happy cat');
  await page.locator('.grid tbody tr').nth(3).locator('img').nth(5).click();
  expect(await right.getAttribute('alt')).toBe('CA alone, 1 step: an owl');
  await page.getByLabel('Right').selectOption({ label: 'Teacher, 4 steps' });
  expect(await right.getAttribute('alt')).toBe('Teacher, 4 steps: an owl');
  await page.getByLabel('Where the left image ends, in percent').focus();
  await page.keyboard.press('End');
  expect(await page.locator('.viewer').getAttribute('style')).toContain('--split: 100%');

  const readings = page.locator('.strip .reading');
  expect(await readings.first().textContent()).toContain('iteration 150');
  await page.getByLabel('CA alone: sampled iteration').focus();
  await page.keyboard.press('ArrowLeft');
  expect(await readings.allTextContents()).toEqual(Array(3).fill(expect.stringContaining('iteration 135')));
  await page.getByLabel('Move all together').uncheck();
  await page.keyboard.press('Tab');
  await page.getByLabel('DM alone: sampled iteration').focus();
  await page.keyboard.press('Home');
  expect(await readings.allTextContents()).toEqual([
    expect.stringContaining('iteration 135'),
    expect.stringContaining('iteration 135'),
    expect.stringContaining('iteration 0'),
  ]);
  await page.close();
});
