import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatherImages, type Dataset } from '../../../engine/data/dataset.ts';
import { readEmoji } from '../../../engine/data/emoji.ts';
import { balancedAgreement, captionAgreement, classAgreement } from '../../../engine/metrics/agreement.ts';
import { classifierFile, type Classifier } from '../../../engine/metrics/classifier.ts';
import { featureRow } from '../../../engine/metrics/features.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import {
  bundledClassifierFolder,
  readBundledClassifier,
} from '../../../engine/training/bundledClassifier.ts';
import { motifOf, splitByMotif } from '../../../scripts/classifier/split.ts';

const file = classifierFile.parse(
  JSON.parse(readFileSync(path.join(bundledClassifierFolder, 'classifier.json'), 'utf8')),
);
let dataset: Dataset;
let classifier: Classifier;

beforeAll(async () => {
  await activateBackend(findNativeEngine() ? 'tensorflow' : 'wasm');
  dataset = await readEmoji({ size: 32 });
  classifier = await readBundledClassifier();
}, 180_000);
afterAll(() => classifier.dispose());

it('reaches on held-out pictures what its file says', { timeout: 180_000 }, async () => {
  const { heldOut } = splitByMotif(dataset);
  const classes = heldOut.map((index) => dataset.classes[index] ?? -1);
  const captions = heldOut.map((index) => dataset.captions[index] ?? '');
  const { predictions, embeddings } = await classifier.look(gatherImages(dataset, heldOut));
  const own = { captions, embeddings: await classifier.embedCaptions(captions) };
  const pool = { captions: dataset.captions, embeddings: await classifier.embedCaptions(dataset.captions) };

  expect(dataset.classNames).toEqual(file.classNames);
  expect(heldOut).toHaveLength(file.heldOut.count);
  // One picture in 400 may fall to the other side between backends, twice.
  expect(classAgreement(predictions, classes)).toBeCloseTo(file.heldOut.classAgreement, 2);
  expect(balancedAgreement(predictions, classes)).toBeCloseTo(file.heldOut.balancedAgreement, 1);
  expect(captionAgreement(embeddings, own, pool)).toBeCloseTo(file.heldOut.captionAgreement, 2);
  // Always saying "People & Body" would reach 0.6, guessing a caption 0.03.
  expect(file.heldOut.classAgreement).toBeGreaterThan(0.8);
  expect(file.heldOut.captionAgreement).toBeGreaterThan(0.4);
});

it('tells a green apple from a red one', async () => {
  const captions = ['green apple', 'red apple'];
  const rows = captions.map((caption) => dataset.captions.indexOf(caption));
  const { embeddings } = await classifier.look(gatherImages(dataset, rows));
  const words = await classifier.embedCaptions(captions);
  const score = (picture: number, caption: number) =>
    featureRow(embeddings, picture).reduce(
      (sum, value, i) => sum + value * (featureRow(words, caption)[i] ?? 0),
      0,
    );
  expect(score(0, 0)).toBeGreaterThan(score(0, 1));
  expect(score(1, 1)).toBeGreaterThan(score(1, 0));
});

it('was tested on motifs that it never saw in any skin tone', () => {
  const { motifs, heldOut } = splitByMotif(dataset);
  const trainedOn = new Set(motifs.flat().map((index) => motifOf(dataset.captions[index] ?? '')));
  expect(heldOut.filter((index) => trainedOn.has(motifOf(dataset.captions[index] ?? '')))).toEqual([]);
  expect(motifs.flat().length + heldOut.length).toBe(dataset.count);
  expect(motifOf('waving hand: medium-dark skin tone')).toBe(motifOf('waving hand'));
});

it('is small enough to ship', () => {
  expect(statSync(path.join(bundledClassifierFolder, 'weights.safetensors')).size).toBeLessThan(3_000_000);
});

it('is refused when damaged', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stillroom-classifier-'));
  try {
    const weights = readFileSync(path.join(bundledClassifierFolder, 'weights.safetensors'));
    await writeFile(path.join(folder, 'weights.safetensors'), weights);
    await writeFile(path.join(folder, 'classifier.json'), JSON.stringify({ ...file, version: 2 }));
    await expect(readBundledClassifier(folder)).rejects.toMatchObject({ code: 'file-invalid' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
