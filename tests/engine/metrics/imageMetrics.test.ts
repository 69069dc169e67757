import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFloat, type Dataset } from '../../../engine/data/dataset.ts';
import { permutation } from '../../../engine/data/permutation.ts';
import { readEmoji } from '../../../engine/data/emoji.ts';
import type { FloatImages } from '../../../engine/data/png.ts';
import type { Classifier } from '../../../engine/metrics/classifier.ts';
import {
  createReference,
  evaluateImages,
  lookAtData,
  type Reference,
} from '../../../engine/metrics/imageMetrics.ts';
import { resizeImages } from '../../../engine/metrics/resize.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import { assertNoLeaks } from '../../../engine/tensor/memory.ts';
import { randomNormal } from '../../../engine/tensor/random.ts';
import { readBundledClassifier } from '../../../engine/training/bundledClassifier.ts';

/** Real pictures of the reference, and as many others to be measured. */
const COUNT = 128;
const SIZE = 32;
let classifier: Classifier;
let reference: Reference;
let others: Dataset;
let images: FloatImages;

function part(dataset: Dataset, indices: Int32Array): Dataset {
  const bytes = SIZE * SIZE * 3;
  const pixels = new Uint8Array(indices.length * bytes);
  indices.forEach((index, row) =>
    pixels.set(dataset.pixels.subarray(index * bytes, (index + 1) * bytes), row * bytes),
  );
  const captions = Array.from(indices, (index) => dataset.captions[index] ?? '');
  const classes = indices.map((index) => dataset.classes[index] ?? 0);
  return { ...dataset, count: indices.length, pixels, captions, classes };
}

beforeAll(async () => {
  await activateBackend(findNativeEngine() ? 'tensorflow' : 'wasm');
  const dataset = await readEmoji({ size: SIZE });
  const order = permutation(5, 0, dataset.count);
  const real = part(dataset, order.slice(0, COUNT));
  others = part(dataset, order.slice(COUNT, 2 * COUNT));
  images = { data: toFloat(others.pixels), count: COUNT, height: SIZE, width: SIZE };
  classifier = await readBundledClassifier();
  reference = await createReference(await lookAtData(classifier, real), images);
}, 180_000);
afterAll(() => classifier.dispose());

const changed = (change: (value: number, i: number) => number): FloatImages => ({
  ...images,
  data: images.data.map(change),
});

describe('evaluateImages', { timeout: 180_000 }, () => {
  it('finds other real pictures near the real ones, and at no distance from themselves', async () => {
    const { classes, captions } = others;
    const measured = await evaluateImages(images, { classes, captions }, reference);
    expect(measured.count).toBe(COUNT);
    expect(measured.fdToTeacher).toBeLessThan(1e-6);
    expect(measured.precision).toBeGreaterThan(0.6);
    expect(measured.recall).toBeGreaterThan(0.6);
    expect(measured.outOfRange).toBe(0);
    expect(measured.classAgreement).toBeGreaterThan(0.8);
    expect(measured.captionAgreement).toBeGreaterThan(0.4);
  });

  it('sees every way in which a student goes wrong', async () => {
    const measure = (set: FloatImages) => evaluateImages(set, {}, reference);
    const good = await measure(images);
    const noise = randomNormal({ seed: 1, purpose: 'noise', step: 0 }, images.data.length);
    const faint = await measure(changed((value, i) => value + 0.2 * (noise[i] ?? 0)));
    const noisy = await measure(changed((value, i) => value + 0.6 * (noise[i] ?? 0)));
    const saturated = await measure(changed((value) => 2 * value));
    const grey = await measure(changed((value) => 0.2 * value));
    const blurred = await measure({
      ...images,
      data: resizeImages({ data: resizeImages(images, 6), count: COUNT, height: 6, width: 6 }, SIZE),
    });
    const collapsed = await measure(changed((_, i) => images.data[i % (4 * SIZE * SIZE * 3)] ?? 0));

    expect(faint.fdToReal).toBeGreaterThan(good.fdToReal ?? NaN);
    expect(noisy.fdToReal).toBeGreaterThan(faint.fdToReal ?? NaN);
    for (const bad of [noisy, saturated, grey, blurred, collapsed]) {
      expect(bad.fdToReal).toBeGreaterThan(1.1 * (good.fdToReal ?? NaN));
    }
    expect(collapsed.recall).toBeLessThan(0.5 * (good.recall ?? NaN));
    expect(saturated.outOfRange).toBeGreaterThan(0.3);
    expect(saturated.std).toBeCloseTo(2 * good.std, 4);
    expect(grey.saturation).toBeCloseTo(0.2 * good.saturation, 4);
  });

  it('says nothing of classes and captions that were not asked for', async () => {
    const measured = await evaluateImages(images, {}, { ...reference, teacher: undefined });
    const { classAgreement, captionAgreement, fdToTeacher } = measured;
    expect([classAgreement, captionAgreement, fdToTeacher]).toEqual([undefined, undefined, undefined]);
  });

  it('without real pictures compares with the teacher alone, and with other texts where there are enough', async () => {
    const { captions } = others;
    const pool = reference.pool?.captions ?? [];
    const texts = await createReference(await lookAtData(classifier, pool), images);
    const compared = await evaluateImages(images, { captions }, texts);
    expect(compared).toMatchObject({ fdToReal: undefined, count: COUNT });
    expect(compared).not.toHaveProperty('recall');
    const { captionAgreement, fdToTeacher } = await evaluateImages(images, { captions }, reference);
    expect(compared).toMatchObject({ captionAgreement, fdToTeacher });
    const few = await createReference(await lookAtData(classifier, [...new Set(pool)].slice(0, 31)), images);
    expect((await evaluateImages(images, { captions }, few)).captionAgreement).toBeUndefined();
  });

  it('takes pictures of other sizes: doubled pixels are the same picture', async () => {
    const few = { ...images, data: images.data.subarray(0, 8 * SIZE * SIZE * 3), count: 8 };
    const doubled = { data: resizeImages(few, 2 * SIZE), count: 8, height: 2 * SIZE, width: 2 * SIZE };
    const [one, other] = [
      await evaluateImages(few, {}, reference),
      await evaluateImages(doubled, {}, reference),
    ];
    expect(other.fdToReal).toBeCloseTo(one.fdToReal ?? NaN, 3);
    expect(other.saturation).toBeCloseTo(one.saturation, 5);
  });

  it('leaves no tensor behind', async () => {
    const few = { ...images, data: images.data.subarray(0, 8 * SIZE * SIZE * 3), count: 8 };
    await assertNoLeaks(() => evaluateImages(few, { captions: others.captions.slice(0, 8) }, reference));
  });
});
