/** The bundled picture set: 3,785 Google emoji with captions; see `resources/demo/NOTICE.md` for its licences. */
import path from 'node:path';
import type { Dataset } from './dataset.ts';
import { readDataset, type ReadOptions } from './readDataset.ts';

export const emojiArchive = path.resolve(import.meta.dirname, '../../resources/demo/emoji.zip');

/** Stored at 64×64; smaller sizes are scaled down. */
export function readEmoji(options: ReadOptions = {}): Promise<Dataset> {
  return readDataset(emojiArchive, options);
}
