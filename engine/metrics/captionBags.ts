/** Captions as bags of sub-words: the share of each vocabulary entry, without order. */
import { pad, start, type CaptionTokeniser } from '../data/captions.ts';

/** Tokens after the start token and before padding; longer captions are cut. */
const LENGTH = 24;

/** The sub-words of a caption; special tokens are left out. */
export function subWords(tokeniser: CaptionTokeniser, caption: string): Int32Array {
  return tokeniser.encode(caption, LENGTH + 1).filter((id) => id !== start && id !== pad);
}

/** Rows (captions.length × vocabulary), row-major, that sum to 1, or to 0 for an empty caption. */
export function captionBags(words: readonly Int32Array[], vocabulary: number): Float32Array {
  const bags = new Float32Array(words.length * vocabulary);
  for (const [row, ids] of words.entries()) {
    for (const id of ids) {
      const at = row * vocabulary + id;
      bags[at] = (bags[at] ?? 0) + 1 / ids.length;
    }
  }
  return bags;
}
