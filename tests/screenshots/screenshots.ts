/**
 * Photographs every view of the studio, filled with real runs, in light and dark and at two sizes of the window.
 *
 *   npm run screenshots -- --out FOLDER [--data FOLDER] [--only PATTERN] [--docs]
 *
 * --data keeps what the pictures show, which takes some minutes to train the first time; the studio runs on a copy.
 * --only takes the scenes whose names fit. --docs writes the guide's pictures to docs/images/studio as well.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { Theme } from '../../engine/contract/messages/settings.ts';
import { openLab } from '../support/lab.ts';
import { guidePictures } from './guidePictures.ts';
import { scenes, scrollTo, type Scene } from './scenes.ts';
import { fillStudio, type StudioData } from './studioData.ts';

const root = path.join(import.meta.dirname, '../..');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
/** Milliseconds for the last transition, picture and curve. */
const SETTLED = 600;

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

interface Options {
  readonly out: string;
  readonly data: string;
  readonly only: RegExp;
  readonly docs: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'screenshots' },
      data: { type: 'string', default: path.join(tmpdir(), 'stillroom-pictures') },
      only: { type: 'string', default: '' },
      docs: { type: 'boolean', default: false },
    },
  });
  return { ...values, only: new RegExp(values.only) };
}

async function photograph(page: Page, data: StudioData, scene: Scene, { out, docs }: Options): Promise<void> {
  for (const theme of ['light', 'dark', ...(scene.inGrey ? (['grey'] as const) : [])] satisfies Theme[]) {
    await data.api.settings.change({ theme });
    for (const size of sizes) {
      await page.setViewportSize(size);
      if (scene.from !== undefined) await scrollTo(page, scene.from);
      await page.waitForTimeout(SETTLED);
      const picture = await page.screenshot();
      const name = `${scene.name}-${theme}-${size.width}.png`;
      await sharp(picture).toFile(path.join(out, name));
      const target = guidePictures.find(({ source }) => source === name);
      if (docs && target) await writeGuidePicture(picture, target.file);
    }
  }
}

/** Few colours, so that a reader of the guide loads little. */
async function writeGuidePicture(picture: Uint8Array, file: string): Promise<void> {
  const folder = path.join(root, 'docs/images/studio');
  await mkdir(folder, { recursive: true });
  await sharp(picture).png({ palette: true, colours: 192, effort: 10 }).toFile(path.join(folder, file));
}

async function take(options: Options, dataFolder: string): Promise<void> {
  await using lab = await openLab(dataFolder);
  const data = await fillStudio(lab.host, options.data, say);
  const page = await lab.open();
  await page.getByRole('button', { name: 'Open Emoji demo' }).click();
  await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor();
  for (const scene of scenes.filter(({ name }) => options.only.test(name))) {
    say(scene.name);
    await page.setViewportSize(sizes[0]);
    await page.evaluate(`window.location.hash = ${JSON.stringify(`/${scene.view(data)}`)}`);
    try {
      await scene.prepare?.(page, data);
      await photograph(page, data, scene, options);
      await scene.leave?.(page, data);
    } catch (error) {
      say(`${scene.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  await data.api.settings.change({ theme: 'system' });
  for (const complaint of lab.complaints) say(`The page complained: ${complaint}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  await mkdir(options.data, { recursive: true });
  await mkdir(options.out, { recursive: true });
  {
    await using kept = await openLab(options.data);
    await fillStudio(kept.host, options.data, say);
  }
  const copy = await mkdtemp(path.join(tmpdir(), 'stillroom-'));
  await cp(options.data, copy, { recursive: true });
  try {
    await take(options, copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

await main();
