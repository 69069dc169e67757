/** Pictures at the classifier's size: each target pixel is the mean of the area that it covers. */
import type { FloatImages } from '../data/png.ts';

/** (N, height, width, 3) → (N, size, size, 3) as plain values; the images' own values where nothing changes. */
export function resizeImages({ data, count, height, width }: FloatImages, size: number): Float32Array {
  if (height === size && width === size) return data;
  const rows = overlaps(height, size);
  const columns = overlaps(width, size);
  const out = new Float32Array(count * size * size * 3);
  for (let image = 0; image < count; image++) {
    for (const row of rows) {
      for (const column of columns) {
        const share = row.share * column.share;
        const from = ((image * height + row.source) * width + column.source) * 3;
        const to = ((image * size + row.target) * size + column.target) * 3;
        for (let channel = 0; channel < 3; channel++) {
          out[to + channel] = (out[to + channel] ?? 0) + share * (data[from + channel] ?? NaN);
        }
      }
    }
  }
  return out;
}

interface Overlap {
  readonly source: number;
  readonly target: number;
  /** Of the target's extent. */
  readonly share: number;
}

/** Which of `from` equal cells along a line lie under which of `to` cells along the same line. */
function overlaps(from: number, to: number): Overlap[] {
  const found: Overlap[] = [];
  for (let target = 0; target < to; target++) {
    // In units of 1 / (from · to) of the line, so that borders are whole numbers.
    const [left, right] = [target * from, (target + 1) * from];
    for (let source = Math.floor(left / to); source * to < right; source++) {
      const covered = Math.min(right, (source + 1) * to) - Math.max(left, source * to);
      found.push({ source, target, share: covered / from });
    }
  }
  return found;
}
