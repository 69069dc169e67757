/** The course of one number over a whole run in a few values, and the small pictures drawn of it. */

/** More values than a sparkline shows, so that halving them is not seen. */
const capacity = 64;

export class Trend {
  /** Means of `stride` values each. */
  private means: number[] = [];
  private stride = 1;
  private sum = 0;
  private pending = 0;
  /** NaN before the first value. */
  latest = NaN;

  push(value: number): void {
    this.latest = value;
    this.sum += value;
    this.pending++;
    if (this.pending < this.stride) return;
    this.means.push(this.sum / this.pending);
    this.sum = 0;
    this.pending = 0;
    if (this.means.length < capacity) return;
    this.means = bucket(this.means, capacity / 2);
    this.stride *= 2;
  }

  /** At most `width` block characters, oldest first, from the smallest value to the largest. */
  sparkline(width: number): string {
    return sparkline(bucket(this.means, width));
  }
}

const blocks = '▁▂▃▄▅▆▇█';

/** One block character a value; values that are not finite leave a gap. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      const level = range === 0 ? 3 : Math.round(((value - low) / range) * (blocks.length - 1));
      return blocks[level] ?? '';
    })
    .join('');
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` characters that is full at `limit`. */
export function meter(value: number, limit: number, width: number): string {
  const share = Number.isFinite(value) ? Math.min(1, Math.max(0, value / limit)) : 0;
  const filled = Math.round(share * width * 8);
  return ('█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '')).padEnd(width);
}

/** Means of about equally many neighbours, `count` at most. */
function bucket(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count);
    const part = values.slice(from, Math.floor(((index + 1) * values.length) / count));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
