/** The frames of a run through time: pictures of the same prompts and noise, kept and recorded as it trains. */
import path from 'node:path';
import type { FloatImages, Provenance } from '../../engine/data/png.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { writeFrame } from './pictures.ts';
import type { RunJournal } from './runJournal.ts';

const samplesFolder = 'samples';

export const framesFolder = (store: Store, run: Run): string =>
  path.join(runFolder(store.data, run.id), samplesFolder);

/** @param captions one a picture. */
export async function keepFrame(
  journal: RunJournal,
  step: number,
  images: FloatImages,
  made: Provenance,
  captions: readonly string[],
): Promise<void> {
  const file = await writeFrame(path.join(journal.folder, samplesFolder), step, images, made);
  await journal.frame({ step, file, seed: made.seed, captions });
}
