/** The whole studio for a test: host, engine and lab on a data folder of its own, and pages in a real Chromium. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { openHost, type Host } from '../../electron/host.ts';
import { readPages } from '../../electron/lab/pages.ts';
import { startLabServer, type LabServer } from '../../electron/lab/server.ts';
import { launchChromium } from './chromium.ts';
import { builtRenderer } from './renderer.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../../package.json'));

export interface Lab extends AsyncDisposable {
  readonly link: string;
  readonly host: Host;
  readonly dataFolder: string;
  readonly browser: Browser;
  /** A page that shows the view, e.g. `projects`; what it complains about goes to `complaints`. */
  open(view?: string): Promise<Page>;
  /** Errors and refusals by the content security policy that any page told of. */
  readonly complaints: readonly string[];
}

/**
 * `await using lab = await openLab()` closes everything at the end of the test.
 *
 * @param kept a data folder that outlives it; otherwise a new one that is removed.
 */
export async function openLab(kept?: string): Promise<Lab> {
  const dataFolder = kept ?? (await mkdtemp(path.join(tmpdir(), 'stillroom-lab-')));
  const pages = await readPages(await builtRenderer());
  const host = await openHost({ host: 'lab', version, dataFolder });
  const server: LabServer = await startLabServer(host, pages, 0);
  const browser = await launchChromium();
  const complaints: string[] = [];
  return {
    ...{ host, dataFolder, browser, complaints, link: server.link },
    async open(view = 'projects') {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      // From the start: what is asked for at once after a test begins to listen could come before it is heard.
      page.on('filechooser', () => undefined);
      await page.goto(`${server.link}#/${view}`);
      await page.locator('h1').waitFor();
      return page;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server.close();
      await host.close();
      if (kept === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
