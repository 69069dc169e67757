/**
 * Endless shuffled batches. What step `s` sees is a function of (seed, s) alone: a resumed run needs no state but
 * its step, and one that changes its micro-batch goes on from `{epoch, cursor}`.
 */
import { randomUniform } from '../tensor/random.ts';
import type { CaptionTokeniser, Tokens } from './captions.ts';
import { imageBytes, writeFloats, type Dataset } from './dataset.ts';

export interface BatchSettings {
  batchSize: number;
  seed: number;
  /** Mirror each image left to right with probability one half. Wrong for text, flags and hands: default off. */
  flip?: boolean;
  tokeniser?: CaptionTokeniser;
  /** Length of token rows; default 16. */
  captionLength?: number;
}

export interface Batch {
  /** `[B, size, size, 3]` in [-1, 1]. */
  images: Float32Array;
  /** `[B]`. */
  classes: Int32Array;
  /** `[B, captionLength]`; length 0 without a tokeniser. */
  tokens: Int32Array;
  /** `[B, captionLength]`: 1 on tokens, 0 on padding. */
  mask: Float32Array;
  /** `[B]`, into the data set. */
  indices: Int32Array;
}

/** `cursor` images of epoch `epoch` have been seen. */
export interface DataPosition {
  epoch: number;
  cursor: number;
}

/** Uniform permutation of 0 … count − 1 (Fisher–Yates), fixed by (seed, epoch). */
export function permutation(seed: number, epoch: number, count: number): Int32Array<ArrayBuffer> {
  const draws = randomUniform({ seed, purpose: 'dataOrder', step: epoch }, count);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((draws[i] ?? 0) * (i + 1));
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}

export class Batches {
  readonly dataset: Dataset;
  readonly settings: Required<Omit<BatchSettings, 'tokeniser'>>;
  readonly #tokens: Tokens[] | undefined;
  #epoch = -1;
  #order = new Int32Array();

  constructor(dataset: Dataset, settings: BatchSettings) {
    const { tokeniser, ...rest } = settings;
    this.dataset = dataset;
    this.settings = { flip: false, captionLength: 16, ...rest };
    this.#tokens =
      tokeniser && dataset.captions.map((text) => tokeniser.encode(text, this.settings.captionLength));
  }

  /** Where step `step` begins. */
  positionAt(step: number): DataPosition {
    const seen = step * this.settings.batchSize;
    return { epoch: Math.floor(seen / this.dataset.count), cursor: seen % this.dataset.count };
  }

  /** The batch of training step `step` (from 0). */
  at(step: number): Batch {
    return this.from(this.positionAt(step), this.settings.batchSize);
  }

  /** `length` images from a position on, across epochs where need be. */
  from({ epoch, cursor }: DataPosition, length: number): Batch {
    const { dataset } = this;
    const { captionLength, seed, flip } = this.settings;
    const imageLength = dataset.size * dataset.size * 3;
    const rowLength = this.#tokens === undefined ? 0 : captionLength;
    const images = new Float32Array(length * imageLength);
    const classes = new Int32Array(length);
    const tokens = new Int32Array(length * rowLength);
    const mask = new Float32Array(length * rowLength);
    const indices = new Int32Array(length);
    for (let row = 0; row < length; row++) {
      const seen = cursor + row;
      const ofEpoch = epoch + Math.floor(seen / dataset.count);
      const place = seen % dataset.count;
      const index = this.#indexAt(ofEpoch, place);
      const pixels = images.subarray(row * imageLength, (row + 1) * imageLength);
      writeFloats(imageBytes(dataset, index), pixels);
      if (flip && isFlipped(seed, ofEpoch, place)) mirror(pixels, dataset.size);
      classes[row] = dataset.classes[index] ?? 0;
      indices[row] = index;
      const encoded = this.#tokens?.[index];
      if (encoded !== undefined) {
        tokens.set(encoded.ids, row * rowLength);
        mask.set(encoded.mask, row * rowLength);
      }
    }
    return { images, classes, tokens, mask, indices };
  }

  #indexAt(epoch: number, place: number): number {
    if (epoch !== this.#epoch) {
      this.#order = permutation(this.settings.seed, epoch, this.dataset.count);
      this.#epoch = epoch;
    }
    return this.#order[place] ?? 0;
  }
}

function isFlipped(seed: number, epoch: number, place: number): boolean {
  return (randomUniform({ seed, purpose: 'data', step: epoch, index: place }, 1)[0] ?? 0) < 0.5;
}

/** Mirrors one image `[size, size, 3]` left to right in place. */
function mirror(pixels: Float32Array, size: number): void {
  for (let row = 0; row < size; row++) {
    const line = pixels.subarray(row * size * 3, (row + 1) * size * 3);
    for (let left = 0, right = size - 1; left < right; left++, right--) {
      for (let channel = 0; channel < 3; channel++) {
        const kept = line[left * 3 + channel] ?? 0;
        line[left * 3 + channel] = line[right * 3 + channel] ?? 0;
        line[right * 3 + channel] = kept;
      }
    }
  }
}
