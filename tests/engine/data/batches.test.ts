import { describe, expect, it } from 'vitest';
import { Batches, permutation } from '../../../engine/data/batches.ts';
import { CaptionTokeniser } from '../../../engine/data/captions.ts';
import type { Dataset } from '../../../engine/data/dataset.ts';

/** Image `i` is 2×2 with red = 10 i on the left and 10 i + 5 on the right. */
function numbered(count: number): Dataset {
  const pixels = new Uint8Array(count * 12);
  for (let i = 0; i < count; i++) {
    for (const [pixel, red] of [10 * i, 10 * i + 5, 10 * i, 10 * i + 5].entries())
      pixels[i * 12 + pixel * 3] = red;
  }
  return {
    name: 'numbered',
    size: 2,
    count,
    pixels,
    captions: Array.from({ length: count }, (_, i) => `number ${i}`),
    classes: Int32Array.from({ length: count }, (_, i) => i % 2),
    classNames: ['even', 'odd'],
    report: { found: count, used: count, leftOut: [], remarks: [], classes: [], warnings: [] },
  };
}
const red = (value: number | undefined) => Math.round(((value ?? NaN) + 1) * 127.5);

describe('permutation', () => {
  it('holds each index once, differs between epochs and seeds, and repeats', () => {
    const order = permutation(1, 0, 1_000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(permutation(1, 0, 1_000)).toEqual(order);
    expect(permutation(1, 1, 1_000)).not.toEqual(order);
    expect(permutation(2, 0, 1_000)).not.toEqual(order);
  });

  it('is uniform: the six orders of three are about equally frequent', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6_000; epoch++) {
      const order = permutation(3, epoch, 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // χ² with 5 degrees of freedom exceeds 20.5 once in a thousand.
    const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });
});

describe('Batches', () => {
  const dataset = numbered(10);

  it('shows every image once an epoch, with its own class, whatever the batch size', () => {
    const batches = new Batches(dataset, { batchSize: 4, seed: 5 });
    const seen = [0, 1, 2, 3, 4].flatMap((step) => {
      const { images, indices, classes } = batches.at(step);
      indices.forEach((index, row) => {
        expect(red(images[row * 12])).toBe(10 * index);
        expect(classes[row]).toBe(index % 2);
      });
      return [...indices];
    });
    expect(seen.slice(0, 10).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.slice(10).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const halved = new Batches(dataset, { batchSize: 2, seed: 5 });
    const again = Array.from({ length: 10 }, (_, step) => [...halved.at(step).indices]).flat();
    expect(again).toEqual(seen);
  });

  it('resumes exactly: a batch depends on nothing but seed and step', () => {
    const one = new Batches(dataset, { batchSize: 3, seed: 8, flip: true });
    const run = Array.from({ length: 12 }, (_, step) => one.at(step));
    const resumed = new Batches(dataset, { batchSize: 3, seed: 8, flip: true });
    for (const step of [11, 7, 0]) expect(resumed.at(step)).toEqual(run[step]);
    expect(one.positionAt(7)).toEqual({ epoch: 2, cursor: 1 });
    expect(resumed.from({ epoch: 2, cursor: 1 }, 3)).toEqual(run[7]);
  });

  it('mirrors about half of the images when asked, and none otherwise', () => {
    const left = (flip: boolean) => {
      const batches = new Batches(dataset, { batchSize: 500, seed: 1, flip });
      const { images, indices } = batches.at(0);
      return Array.from(indices, (index, row) => red(images[row * 12]) === 10 * index);
    };
    expect(left(false).every(Boolean)).toBe(true);
    const upright = left(true).filter(Boolean).length;
    expect(upright).toBeGreaterThan(200);
    expect(upright).toBeLessThan(300);
  });

  it('carries the tokens of each caption', () => {
    const tokeniser = CaptionTokeniser.train(dataset.captions);
    const batch = new Batches(dataset, { batchSize: 4, seed: 2, tokeniser, captionLength: 8 }).at(1);
    batch.indices.forEach((index, row) => {
      expect(tokeniser.decode(batch.tokens.subarray(row * 8, row * 8 + 8))).toBe(`number ${index}`);
      expect(batch.mask[row * 8]).toBe(1);
    });
    expect(new Batches(dataset, { batchSize: 4, seed: 2 }).at(0).tokens).toHaveLength(0);
  });
});
