/** The frames of a run through time: pictures of the same prompts and noise, kept and recorded as it trains. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FloatImages, Provenance } from '../../engine/data/png.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { recordSample } from '../store/samples.ts';
import { writeFrame } from './pictures.ts';

export const framesFolder = (store: Store, run: Run): string =>
  path.join(runFolder(store.data, run.id), 'samples');

/** @param captions one a picture. */
export async function keepFrame(
  store: Store,
  run: Run,
  step: number,
  images: FloatImages,
  made: Provenance,
  captions: readonly string[],
): Promise<void> {
  const file = await writeFrame(framesFolder(store, run), step, images, made);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  await recordSample(store, {
    runId: run.id,
    step,
    path: path.relative(store.data, file).split(path.sep).join('/'),
    seed: made.seed,
    prompt: captions.join(' · '),
    sha256,
  });
}
