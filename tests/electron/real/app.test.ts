/** The app under the real Electron, where its binary is: everything else is tested under the double. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtDesktop } from '../../support/electron/built.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const binary = findBinary();
const title = (what: string) =>
  binary === undefined ? `${what} (skipped: Electron’s binary is not installed)` : what;
const realTest = test.skipIf(binary === undefined);

if (binary === undefined && process.env['STILLROOM_REQUIRE_ELECTRON'] === '1')
  throw new Error('STILLROOM_REQUIRE_ELECTRON is 1, but Electron’s binary is not installed.');

let folder = '';
let app: ElectronApplication;
let page: Page;

beforeAll(async () => {
  if (binary === undefined) return;
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-electron-'));
  await builtDesktop();
  app = await _electron.launch({
    executablePath: binary,
    // Runners of CI have no sandbox that Chromium could use; the windows' own setting is asserted below.
    args: [...(process.platform === 'linux' ? ['--no-sandbox'] : []), root],
    env: { ...process.env, STILLROOM_DATA: folder, STILLROOM_BACKEND: 'wasm' },
  });
  page = await app.firstWindow();
  await page.locator('h1').waitFor();
}, 180_000);

afterAll(async () => {
  if (binary === undefined) return;
  if (app.process().exitCode === null) await app.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

realTest(title('the first window shows the projects, sandboxed and isolated'), async () => {
  await page.getByRole('button', { name: 'Open Emoji demo' }).waitFor();
  expect(page.url()).toMatch(/^stillroom:\/\/app\//);
  const leaks = `['process', 'require', 'ipcRenderer', 'module'].filter((name) => name in globalThis)`;
  expect(await page.evaluate(leaks)).toEqual([]);
  expect(await page.evaluate('typeof stillroom.connect')).toBe('function');
  // Told by macOS and Windows only.
  const windows = await app.evaluate(({ app: own }) =>
    own.getAppMetrics().filter(({ type }) => type === 'Tab'),
  );
  expect(windows.map(({ sandboxed }) => sandboxed)).not.toContain(false);
});

realTest(title('leaves its own pages for no other'), async () => {
  const before = page.url();
  await page.evaluate(`location.assign('https://evil.example/')`);
  await page.evaluate(`void window.open('https://evil.example/')`);
  expect(await page.evaluate(`fetch('https://evil.example/').then(() => true, () => false)`)).toBe(false);
  expect(page.url()).toBe(before);
  expect(app.windows()).toHaveLength(1);
});

realTest(title('trains a toy in its utility process, and ends saved'), { timeout: 180_000 }, async () => {
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
  await page.evaluate(`window.location.hash = '/recipe/json'`);
  const recipe = {
    ...{ name: 'Toy', teacher: 'toy', data: 'toy', student: { steps: 2 } },
    training: { iterations: 5, batch: 8, checkpointEvery: 5, sampleEvery: 1000 },
  };
  await page.getByRole('textbox', { name: 'Recipe as JSON' }).fill(JSON.stringify(recipe));
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('Student · Done').waitFor({ timeout: 150_000 });
  const runs = await readdir(path.join(folder, 'runs'));
  expect(runs).toHaveLength(1);
  await app.close();
  expect(app.process().exitCode).toBe(0);
});

/** Where Electron's installer has put its program; undefined where it could not. */
function findBinary(): string | undefined {
  const home = path.join(root, 'node_modules/electron');
  const name = path.join(home, 'path.txt');
  if (!existsSync(name)) return undefined;
  const program = path.join(home, 'dist', readFileSync(name, 'utf8'));
  return existsSync(program) ? program : undefined;
}
