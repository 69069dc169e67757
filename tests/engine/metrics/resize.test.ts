import { describe, expect, it } from 'vitest';
import { resizeImages } from '../../../engine/metrics/resize.ts';

/** A grey picture of one row a line, as (1, height, width, 3). */
const grey = (rows: readonly (readonly number[])[]) => ({
  data: Float32Array.from(rows.flat().flatMap((value) => [value, value, value])),
  count: 1,
  height: rows.length,
  width: rows[0]?.length ?? 0,
});
const red = (data: Float32Array) => [...data].filter((_, i) => i % 3 === 0);

describe('resizeImages', () => {
  it('takes the mean of whole blocks, repeats pixels, and leaves the right size alone', () => {
    const four = grey([[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 1, 1], [0, 0, 1, 1]]); // prettier-ignore
    expect(red(resizeImages(four, 2))).toEqual([3.5, 5.5, 0, 1]);
    expect(red(resizeImages(grey([[1, 2], [3, 4]]), 4))).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]); // prettier-ignore
    expect(resizeImages(four, 4)).toBe(four.data);
  });

  it('weighs pixels that straddle a border by their parts', () => {
    // Three columns onto two: each target covers one and a half.
    const narrow = resizeImages(grey([[0, 3, 6], [0, 3, 6], [0, 3, 6]]), 2); // prettier-ignore
    expect(red(narrow)).toEqual([1, 5, 1, 5]);
  });
});
