/**
 * A small byte-pair tokeniser (Sennrich et al. 2016, arXiv 1508.07909) over the characters of the captions it was
 * trained on. Pairs merge within words only; the first piece of a word after a space starts with "▁".
 */
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';

export const pad = 0;
export const unknown = 1;
export const start = 2;
const specials = ['<pad>', '<unknown>', '<start>'] as const;
const wordMark = '▁';
/** Longer input is cut: it bounds the time for hostile text, far above any caption's length. */
const characterLimit = 4_096;
const wordLimit = 64;

const tokeniserFile = z.strictObject({
  version: z.literal(1),
  pieces: z.array(z.string()).max(65_536),
  merges: z.array(z.tuple([z.string(), z.string()])).max(65_536),
});
export type TokeniserFile = z.infer<typeof tokeniserFile>;

/** Lower case, Latin accents removed, curly quotes straightened, spaces collapsed. */
export function normaliseCaption(text: string): string {
  const cut = text
    .slice(0, characterLimit)
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '');
  return cut.toLowerCase().replaceAll(/[‘’]/g, "'").replaceAll(/[“”]/g, '"').replaceAll(/\s+/g, ' ').trim();
}

/** Words, numbers and single marks; a space before one becomes its "▁". */
function splitWords(text: string): string[] {
  const words = ` ${normaliseCaption(text)}`.match(/ ?\p{L}[\p{L}\p{M}]*| ?\p{N}+| ?[^\s\p{L}\p{N}]/gu) ?? [];
  return words.flatMap((word) => {
    const characters = Array.from(word.replace(' ', wordMark));
    const chunks: string[] = [];
    for (let i = 0; i < characters.length; i += wordLimit)
      chunks.push(characters.slice(i, i + wordLimit).join(''));
    return chunks;
  });
}

const pairKey = (left: string, right: string) => `${left} ${right}`;

/** Replaces each occurrence of the pair, left to right. */
function mergePair(pieces: readonly string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] ?? '';
    if (piece === left && pieces[i + 1] === right) {
      merged.push(left + right);
      i++;
    } else merged.push(piece);
  }
  return merged;
}

export class CaptionTokeniser {
  readonly #ids: Map<string, number>;
  readonly #ranks: Map<string, number>;
  readonly #file: TokeniserFile;
  readonly #words = new Map<string, readonly number[]>();

  private constructor(file: TokeniserFile) {
    this.#file = file;
    this.#ids = new Map(file.pieces.map((piece, id) => [piece, id]));
    this.#ranks = new Map(file.merges.map(([left, right], rank) => [pairKey(left, right), rank]));
  }

  /** Learns pieces from captions; the same captions in any order give the same tokeniser. */
  static train(captions: readonly string[], vocabulary = 1_024): CaptionTokeniser {
    const counts = new Map<string, number>();
    for (const word of captions.flatMap(splitWords)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = [...counts].map(([word, count]) => ({ pieces: Array.from(word), count }));
    const characters = new Map<string, number>();
    for (const { pieces, count } of words) {
      for (const piece of pieces) characters.set(piece, (characters.get(piece) ?? 0) + count);
    }
    const alphabet = mostFrequent(characters, vocabulary - specials.length);
    const pieces: string[] = [...specials, ...alphabet];
    const merges: [string, string][] = [];
    while (pieces.length < vocabulary) {
      const best = bestPair(words);
      if (best === undefined) break;
      merges.push(best);
      pieces.push(best.join(''));
      for (const word of words) word.pieces = mergePair(word.pieces, ...best);
    }
    return new CaptionTokeniser({ version: 1, pieces, merges });
  }

  /** Throws `file-invalid` for anything that `toJSON` did not write. */
  static fromJSON(json: unknown): CaptionTokeniser {
    const parsed = tokeniserFile.safeParse(json);
    if (!parsed.success || !isConsistent(parsed.data)) {
      throw new StudioError(
        'file-invalid',
        'The tokeniser is damaged; nothing was loaded.',
        'Train the teacher again.',
      );
    }
    return new CaptionTokeniser(parsed.data);
  }

  toJSON(): TokeniserFile {
    return this.#file;
  }

  /** Number of ids, specials included. */
  get vocabulary(): number {
    return this.#file.pieces.length;
  }

  /** (length): start, pieces, then padding. What does not fit is cut. */
  encode(text: string, length: number): Int32Array<ArrayBuffer> {
    const ids = new Int32Array(length).fill(pad);
    let at = 0;
    const push = (id: number) => {
      if (at < length) ids[at++] = id;
    };
    push(start);
    for (const word of splitWords(text)) {
      if (at >= length) break;
      this.#encodeWord(word).forEach(push);
    }
    return ids;
  }

  /** Of texts one after the other, (texts × length). */
  encodeAll(texts: readonly string[], length: number): Int32Array {
    return Int32Array.from(texts.flatMap((text) => [...this.encode(text, length)]));
  }

  /** The text of ids, for showing how a caption was understood. */
  decode(ids: Iterable<number>): string {
    const pieces = [...ids]
      .filter((id) => id !== pad && id !== start)
      .map((id) => this.#file.pieces[id] ?? '');
    return pieces.join('').replaceAll(wordMark, ' ').trim();
  }

  #encodeWord(word: string): readonly number[] {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    let pieces = Array.from(word);
    for (;;) {
      let rank = Infinity;
      for (let i = 0; i + 1 < pieces.length; i++) {
        rank = Math.min(rank, this.#ranks.get(pairKey(pieces[i] ?? '', pieces[i + 1] ?? '')) ?? Infinity);
      }
      const merge = this.#file.merges[rank];
      if (merge === undefined) break;
      pieces = mergePair(pieces, ...merge);
    }
    const ids = pieces.map((piece) => this.#ids.get(piece) ?? unknown);
    if (this.#words.size < 10_000) this.#words.set(word, ids);
    return ids;
  }
}

/** Specials first, no piece twice, and each merge makes a piece out of pieces. */
function isConsistent({ pieces, merges }: TokeniserFile): boolean {
  const known = new Set(pieces);
  return (
    known.size === pieces.length &&
    specials.every((special, id) => pieces[id] === special) &&
    merges.every(([left, right]) => known.has(left) && known.has(right) && known.has(left + right))
  );
}

/** Ties go to the smaller string, so that the result does not depend on the order of the captions. */
function mostFrequent(counts: ReadonlyMap<string, number>, limit: number): string[] {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.slice(0, limit).map(([piece]) => piece);
}

/** The most frequent adjacent pair, if it occurs at least twice; ties as in `mostFrequent`. */
function bestPair(words: readonly { pieces: string[]; count: number }[]): [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const { pieces, count } of words) {
    for (let i = 0; i + 1 < pieces.length; i++) {
      const key = pairKey(pieces[i] ?? '', pieces[i + 1] ?? '');
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  let best = '';
  let most = 1;
  for (const [key, count] of counts) {
    if (count > most || (count === most && count > 1 && key < best)) {
      best = key;
      most = count;
    }
  }
  const [left, right] = best.split(' ');
  return left === undefined || right === undefined ? undefined : [left, right];
}
