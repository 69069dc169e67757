/**
 * Trains the bundled classifier of the demo set and writes `resources/classifier`.
 *
 *   node scripts/trainClassifier.ts [--iterations 1000] [--seed 1]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CaptionTokeniser } from '../engine/data/captions.ts';
import { gatherImages, type Dataset } from '../engine/data/dataset.ts';
import { readEmoji } from '../engine/data/emoji.ts';
import { balancedAgreement, captionAgreement, classAgreement } from '../engine/metrics/agreement.ts';
import { captionBags, subWords } from '../engine/metrics/captionBags.ts';
import { Classifier, type ClassifierDescription, type ClassifierFile } from '../engine/metrics/classifier.ts';
import { classifierSpecs, type ClassifierConfig } from '../engine/metrics/classifierNetwork.ts';
import { countParameters } from '../engine/model/parameters.ts';
import { activateBackend } from '../engine/tensor/backends/backend.ts';
import { randomUniform } from '../engine/tensor/random.ts';
import { bundledClassifierFolder, readBundledClassifier } from '../engine/training/bundledClassifier.ts';
import { fromFloat32 } from '../engine/training/halfPrecision.ts';
import { encodeSafetensors } from '../engine/training/safetensors.ts';
import { augmentedImages } from './classifier/augmentation.ts';
import { ClassifierTrainer, type ClassifierBatch } from './classifier/classifierTrainer.ts';
import { splitByMotif } from './classifier/split.ts';

const batchSize = 64;
const captionSubWords = 1_024;
const reportEvery = 100;

const { values: options } = parseArgs({
  options: { iterations: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const iterations = Number(options.iterations);
const seed = Number(options.seed);

/** Share of held-out pictures that agree with their class and caption; the pool of captions is the whole set's. */
async function measure(classifier: Classifier, dataset: Dataset, heldOut: readonly number[]) {
  const { predictions, embeddings } = await classifier.look(gatherImages(dataset, heldOut));
  const captions = heldOut.map((index) => dataset.captions[index] ?? '');
  const classes = heldOut.map((index) => dataset.classes[index] ?? -1);
  const own = { captions, embeddings: await classifier.embedCaptions(captions) };
  const pool = { captions: dataset.captions, embeddings: await classifier.embedCaptions(dataset.captions) };
  return {
    count: heldOut.length,
    classAgreement: classAgreement(predictions, classes),
    balancedAgreement: balancedAgreement(predictions, classes),
    captionAgreement: captionAgreement(embeddings, own, pool),
  };
}

/**
 * Draws motifs in proportion to the square root of their pictures, then one picture of each: between seeing every
 * skin tone as a picture of its own (60 % people) and hardly seeing the tones.
 */
function drawIndices(motifs: readonly (readonly number[])[], step: number): number[] {
  const ends: number[] = [];
  let total = 0;
  for (const { length } of motifs) ends.push((total += Math.sqrt(length)));
  const draws = randomUniform({ seed, purpose: 'data', step, index: 0 }, 2 * batchSize);
  return Array.from({ length: batchSize }, (_, row) => {
    const place = (draws[2 * row] ?? 0) * total;
    const motif = motifs[ends.findIndex((end) => place < end)] ?? [];
    return motif[Math.floor((draws[2 * row + 1] ?? 0) * motif.length)] ?? 0;
  });
}

await activateBackend('tensorflow');
const dataset = await readEmoji({ size: 32 });
const { motifs, heldOut } = splitByMotif(dataset);
const tokeniser = CaptionTokeniser.train(dataset.captions, captionSubWords);
const words = dataset.captions.map((caption) => subWords(tokeniser, caption));
const config: ClassifierConfig = {
  size: 32,
  patch: 4,
  stages: [
    { width: 64, layers: 1, heads: 2 },
    { width: 144, layers: 3, heads: 4 },
  ],
  classes: dataset.classNames.length,
  features: 128,
  vocabulary: tokeniser.vocabulary,
  embedding: 96,
};
const description: ClassifierDescription = {
  config,
  classNames: dataset.classNames,
  tokeniser: tokeniser.toJSON(),
};
const specs = classifierSpecs(config);
console.log(
  `${countParameters(specs)} parameters, ${motifs.length} motifs, ${heldOut.length} pictures held out`,
);

const trainer = new ClassifierTrainer(config, { iterations, learningRate: 1.5e-3, warmup: 50 }, seed);
const curve = ['iteration,loss,heldOutClass,heldOutCaption'];
const startedAt = performance.now();
const secondsSoFar = () => Math.round((performance.now() - startedAt) / 1000);
let lossSum = 0;

for (let step = 0; step < iterations; step++) {
  const indices = drawIndices(motifs, step);
  const batch: ClassifierBatch = {
    images: augmentedImages(dataset, indices, seed, step),
    classes: Int32Array.from(indices, (index) => dataset.classes[index] ?? 0),
    bags: captionBags(
      indices.map((index) => words[index] ?? new Int32Array()),
      config.vocabulary,
    ),
  };
  lossSum += await trainer.train(step, batch);
  if ((step + 1) % reportEvery > 0) continue;
  const classifier = new Classifier(description, await trainer.averagedValues());
  const held = await measure(classifier, dataset, heldOut);
  classifier.dispose();
  const numbers = [lossSum / reportEvery, held.classAgreement, held.captionAgreement];
  curve.push([step + 1, ...numbers.map((value) => value.toFixed(4))].join());
  console.log(`${curve.at(-1) ?? ''} after ${secondsSoFar()} s`);
  lossSum = 0;
}

const trained = Object.entries(await trainer.averagedValues());
const arrays = new Map(
  trained.map(([name, values]) => [name, fromFloat32(values, specs[name]?.shape ?? [], 'F16')]),
);
await mkdir(bundledClassifierFolder, { recursive: true });
const write = (name: string, content: string | Uint8Array[]) =>
  writeFile(path.join(bundledClassifierFolder, name), content);
await write('weights.safetensors', encodeSafetensors(arrays));
await write('curve.csv', `${curve.join('\n')}\n`);
const file: ClassifierFile = {
  version: 1,
  ...description,
  made: {
    command: `node scripts/trainClassifier.ts --iterations ${iterations} --seed ${seed}`,
    seed,
    iterations,
    batch: batchSize,
    seconds: secondsSoFar(),
    curve: 'curve.csv',
  },
  heldOut: { count: 0, classAgreement: 0, balancedAgreement: 0, captionAgreement: 0 },
};
await write('classifier.json', JSON.stringify(file));
// Measured as it will be used: read back, with its weights rounded to half precision.
file.heldOut = await measure(await readBundledClassifier(), dataset, heldOut);
await write('classifier.json', `${JSON.stringify(file, null, 1)}\n`);
console.log(file.heldOut, file.made);
