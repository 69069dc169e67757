/** Images, captions and classes in memory, the same whatever they were read from. */
import type { DataReport } from './checks.ts';

export interface Dataset {
  name: string;
  /** Height = width in pixels. */
  size: number;
  count: number;
  /**
   * RGB bytes, `[count, size, size, 3]`. A quarter of the memory of floats; one byte is exactly one of the
   * source's 256 levels, so nothing is lost. `toFloat` gives [-1, 1].
   */
  pixels: Uint8Array;
  captions: string[];
  /** `[count]`, indices into `classNames`. */
  classes: Int32Array;
  classNames: string[];
  report: DataReport;
}

/** The 256 levels as floats: 0 → -1, 255 → 1. */
const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Writes RGB bytes as floats in [-1, 1] to `out`, from `offset` on. */
export function writeFloats(bytes: Uint8Array, out: Float32Array, offset = 0): void {
  for (let i = 0; i < bytes.length; i++) out[offset + i] = levels[bytes[i] ?? 0] ?? 0;
}

export function toFloat(bytes: Uint8Array): Float32Array {
  const out = new Float32Array(bytes.length);
  writeFloats(bytes, out);
  return out;
}

/** The bytes of image `index`: a view, not a copy, `[size, size, 3]`. */
export function imageBytes(dataset: Dataset, index: number): Uint8Array {
  const length = dataset.size * dataset.size * 3;
  return dataset.pixels.subarray(index * length, (index + 1) * length);
}

/** Float images of the given indices, `[indices.length, size, size, 3]` in [-1, 1]. */
export function gatherImages(dataset: Dataset, indices: ArrayLike<number>): Float32Array {
  const length = dataset.size * dataset.size * 3;
  const out = new Float32Array(indices.length * length);
  for (let row = 0; row < indices.length; row++) {
    writeFloats(imageBytes(dataset, indices[row] ?? 0), out, row * length);
  }
  return out;
}
