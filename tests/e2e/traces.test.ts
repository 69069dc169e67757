/** How smooth the window is, measured in a real Chromium: `npm run test:traces`, on a computer that does nothing else. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { connect } from '../../electron/bridge/connect.ts';
import { memoryTransports } from '../../electron/bridge/transports/memory.ts';
import { openStudio } from '../../electron/features/openStudio.ts';
import { ensureDemoProject } from '../../electron/handlers/projects.ts';
import { itemFile, recordItems } from '../../electron/store/galleryItems.ts';
import { listProjects } from '../../electron/store/projects.ts';
import { studioContract } from '../../engine/contract/messages.ts';
import { openLab } from '../support/lab.ts';
import { longestTask } from '../support/rendererTasks.ts';

const tracesTest = test.skipIf(process.env['STILLROOM_TRACES'] !== '1');
const patience = 240_000;

tracesTest(
  'no task of the window takes 50 ms while a run trains at full speed',
  { timeout: patience },
  async () => {
    await using lab = await openLab();
    const [ours, theirs] = memoryTransports();
    lab.host.accept(theirs);
    const { api } = connect(studioContract, ours);
    await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
    const [project] = await api.projects.list();
    const recipe = {
      ...{ name: 'Full speed', teacher: 'toy', data: 'toy', student: { steps: 2 } },
      training: { iterations: 100_000, batch: 8, checkpointEvery: 500, sampleEvery: 50 },
    };
    const run = await api.runs.start({ projectId: project?.id ?? '', kind: 'distillation', recipe });
    const page = await lab.open(`train/${run.id}`);
    await page.getByRole('img', { name: /^Deviation: \d/ }).waitFor();
    const frames = async () => (await api.runs.frames({ id: run.id })).length;
    const iteration = async () => Number(await page.locator('dd strong').first().innerText());
    const [framesBefore, before] = [await frames(), await iteration()];
    await lab.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'v8.execute'] });
    await page.waitForTimeout(30_000);
    const longest = longestTask(await lab.browser.stopTracing());
    const [made, done] = [(await frames()) - framesBefore, (await iteration()) - before];
    await api.runs.pause({ id: run.id });
    console.log(`30 s, ${done} iterations, ${made} frames; longest task`, longest);
    expect(done).toBeGreaterThan(500);
    expect(made).toBeGreaterThan(5);
    expect(longest.milliseconds).toBeLessThan(50);
  },
);

tracesTest('10,000 pictures scroll without blank rows', { timeout: patience }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-traces-'));
  await fillGallery(folder, 2500);
  {
    await using lab = await openLab(folder);
    const page = await lab.open();
    await page.getByRole('button', { name: 'Open Emoji demo' }).click();
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
    await page.keyboard.press('Control+6');
    await page.getByText('10000 of 10000 pictures').waitFor();
    await page.waitForTimeout(2000);
    await page.evaluate(watchBlankRows);
    const box = await page.locator('.scroller').boundingBox();
    if (!box) throw new Error('The grid is not shown.');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let turn = 0; turn < 150; turn++) {
      await page.mouse.wheel(0, turn < 100 ? 600 : -600);
      await page.waitForTimeout(40);
    }
    const byWheel = await page.evaluate<number>('longestBlank');
    await page.evaluate('longestBlank = 0');
    for (const share of [0.5, 0.1, 0.9, 0.3, 0.7, 1, 0, 0.42]) {
      await page.evaluate(
        `(() => { const list = document.querySelector('.scroller'); list.scrollTop = ${share} * list.scrollHeight; })()`,
      );
      await page.waitForTimeout(500);
    }
    const byJumps = await page.evaluate<number>('longestBlank');
    console.log(`rows blank for at most ${byWheel} ms by wheel, ${byJumps} ms by jumps`);
    expect(byWheel).toBeLessThan(100);
    expect(byJumps).toBeLessThan(100);
    expect(lab.complaints).toEqual([]);
  }
  await rm(folder, { recursive: true });
});

tracesTest('the first view can be used within 1.5 s of the page’s load', { timeout: patience }, async () => {
  await using lab = await openLab();
  await (await lab.open()).close();
  const times: number[] = [];
  for (let load = 0; load < 7; load++) {
    // Each context has a cache of its own, so that every load is the first.
    const context = await lab.browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(`${lab.link}#/projects`, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Open Emoji demo' }).click();
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
    times.push(Math.round(await page.evaluate<number>('performance.now()')));
    await context.close();
  }
  console.log('from navigation to the second view by a click, ms:', times.join(' '));
  expect(Math.max(...times)).toBeLessThan(1500);
});

/** Four columns of so many rows: real files, and rows written as the host writes them. */
async function fillGallery(folder: string, rows: number): Promise<void> {
  const store = await openStudio(folder, { note: () => undefined });
  await ensureDemoProject(store);
  const [project] = await listProjects(store);
  await mkdir(path.dirname(itemFile(folder, '')), { recursive: true });
  const columns = [50, 8, 4, 1].map((steps, index) => ({
    ...{ model: 'emoji', steps, guidance: index < 2 ? 2.5 : null },
  }));
  for (let row = 0; row < rows; row += 25) {
    const items = Array.from({ length: 25 }, (_, offset) =>
      columns.map((column) => ({
        ...{ id: randomUUID(), column, name: 'Emoji', iteration: null, evaluations: column.steps },
        ...{ prompt: `picture ${Math.floor((row + offset) / 50)}`, seed: row + offset },
      })),
    ).flat();
    await Promise.all(
      items.map(async ({ id, seed }) => writeFile(itemFile(folder, id), await picture(seed))),
    );
    await recordItems(store, project?.id ?? '', items);
  }
  await store.close();
}

const picture = (seed: number): Promise<Buffer> => {
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * (seed + 7)) % 251);
  return sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
};

/** At each frame: is there a place within the list with no row, or with a row whose pictures are not there? */
const watchBlankRows = `(() => {
  globalThis.longestBlank = 0;
  let since;
  const look = (now) => {
    const list = document.querySelector('.scroller').getBoundingClientRect();
    const top = document.querySelector('.heads').getBoundingClientRect().bottom + 12;
    // By their places: while a list scrolls its rows are no targets of the pointer.
    const rows = [...document.querySelectorAll('.scroller .line:not(.heads)')].map((row) => [row.getBoundingClientRect(), row]);
    let isBlank = false;
    for (let y = top; y < list.bottom - 8; y += 48) {
      const [, row] = rows.find(([place]) => place.top <= y && y <= place.bottom) ?? [];
      isBlank ||= !row || [...row.querySelectorAll('img')].filter((image) => image.complete && image.naturalWidth > 0).length < 4;
    }
    if (!isBlank) since = undefined;
    else longestBlank = Math.max(longestBlank, Math.round(now - (since ??= now)));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;
