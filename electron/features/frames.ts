/** The frames of a run through time: pictures of the same prompts and noise, kept and recorded as it trains. */
import path from 'node:path';
import type { Provenance } from '../../engine/data/png.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import type { Run } from '../store/runs.ts';
import { writeFrame } from './pictures.ts';
import type { RunJournal } from './runJournal.ts';

const samplesFolder = 'samples';

export const framesFolder = (store: Store, run: Run): string =>
  path.join(runFolder(store.data, run.id), samplesFolder);

/** @param picture `captions.length` squares in a row. */
export async function keepFrame(
  journal: RunJournal,
  step: number,
  picture: Buffer,
  made: Provenance,
  captions: readonly string[],
): Promise<void> {
  const file = await writeFrame(path.join(journal.folder, samplesFolder), step, picture, made);
  await journal.frame({ step, file, seed: made.seed, captions });
}
