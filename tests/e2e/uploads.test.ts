/** A browser's upload as a person meets it: told in bytes, ended by a button or a lost connection, refused in words. */
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { browserTest } from '../support/chromium.ts';
import { openLab } from '../support/lab.ts';

const LARGE = 40e6;

/** A file of zeros that takes no room. */
async function sparse(file: string, bytes: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await using handle = await open(file, 'w');
  await handle.truncate(bytes);
}

browserTest('says how much was uploaded, can be ended, and leaves nothing of what failed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-large-'));
  const zip = path.join(folder, 'large.zip');
  await sparse(zip, LARGE);
  // A name that not every disk takes: refused before its content is read.
  await sparse(path.join(folder, 'refused/con.png'), 100e6);

  await using lab = await openLab();
  const page = await lab.open('data/toy');
  const kept = () => readdir(path.join(lab.dataFolder, 'uploads')).catch(() => []);
  const choose = async (button: string, files: string) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: button }).click();
    await (await chooser).setFiles(files);
  };
  const network = await page.context().newCDPSession(page);
  const allow = (uploadThroughput: number, offline = false) =>
    network.send('Network.emulateNetworkConditions', {
      ...{ offline, latency: 0, downloadThroughput: -1, uploadThroughput },
    });
  await allow(LARGE / 20);

  await choose('Add zip', zip);
  const bar = page.getByRole('progressbar', { name: /^Uploading: [1-9].* of 40.0 MB$/ });
  await bar.waitFor();
  const shown = Number(await bar.getAttribute('value'));
  expect(shown).toBeGreaterThan(0);
  expect(shown).toBeLessThan(LARGE);
  await expect.poll(kept).toHaveLength(1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await bar.waitFor({ state: 'detached' });
  await expect.poll(kept).toEqual([]);

  await allow(-1, true);
  await choose('Add zip', zip);
  await page.getByText('Sending “large.zip” broke off; nothing of it was kept.').waitFor();
  await page.getByText('The connection was lost', { exact: true }).waitFor();
  await bar.waitFor({ state: 'detached' });
  await allow(-1);

  await choose('Add folder', path.join(folder, 'refused'));
  await page.getByText('“refused/con.png” is no name that every disk takes.').waitFor();
  expect(lab.complaints.filter((text) => !/net::ERR|422|WebSocket/.test(text))).toEqual([]);
  await rm(folder, { recursive: true });
});
