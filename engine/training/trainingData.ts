/** What a training draws from: batches with their conditions, or conditions alone; named as in a recipe. */
import { CaptionTokeniser } from '../data/captions.ts';
import { gatherImages, type Dataset } from '../data/dataset.ts';
import { readEmoji } from '../data/emoji.ts';
import { readDataset, type ReadOptions } from '../data/readDataset.ts';
import { drawToy, toyClassCount } from '../data/toy2d.ts';
import type { ImageStatistics } from '../distillation/regularizers/meanVariance.ts';
import type { HostCondition } from '../model/conditions.ts';
import { randomIntegers, randomUniform, type RandomKey } from '../tensor/random.ts';
import { dataStatistics } from './modelFile.ts';
import type { HostBatch } from './sources.ts';

export interface TrainingData {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly tokeniser: CaptionTokeniser | undefined;
  readonly statistics: ImageStatistics;
  /** The data's root mean square. */
  readonly deviation: number;
  /** The images; undefined for a toy and for data without pictures. */
  readonly dataset: Dataset | undefined;
  /** The texts of data that is nothing else. */
  readonly prompts: readonly string[];
  /** The batch of training step `step`. @throws StudioError 'input-invalid' where there are no pictures. */
  batch(step: number, size: number, seed: number): HostBatch;
  /** Conditions drawn from the data, uniformly, a pure function of (seed, draw). */
  conditions(draw: number, count: number, seed: number): HostCondition;
}

export interface TrainingDataOptions extends Pick<ReadOptions, 'signal' | 'onProgress'> {
  readonly size: number;
  /** How captions become tokens: a teacher's tokeniser, or 'train' to learn one from these captions. */
  readonly tokeniser: CaptionTokeniser | 'train' | undefined;
  /** How far classes of unequal size are evened out: 0 not at all, 1 wholly. */
  readonly classBalance: number;
  /** Tokens a caption. */
  readonly captionLength: number;
  /** The teacher's class names; classes it does not know count as "any class". Default: the data's own. */
  readonly classNames?: readonly string[];
}

/** Size of a caption vocabulary that is learnt, special tokens included. */
const CAPTION_VOCABULARY = 1024;

/** @param name `demo`, `toy`, or a folder or zip of images. */
export async function openTrainingData(name: string, options: TrainingDataOptions): Promise<TrainingData> {
  if (name === 'toy') return toyData();
  const { size, signal, onProgress } = options;
  const read = { size, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return imageData(name === 'demo' ? await readEmoji(read) : await readDataset(name, read), options);
}

function imageData(dataset: Dataset, options: TrainingDataOptions): TrainingData {
  const { captionLength } = options;
  const tokeniser =
    options.tokeniser === 'train'
      ? CaptionTokeniser.train(dataset.captions, CAPTION_VOCABULARY)
      : options.tokeniser;
  const classNames = options.classNames ?? dataset.classNames;
  const anyClass = classNames.length;
  const classOf = dataset.classNames.map((name) => {
    const index = classNames.indexOf(name);
    return index < 0 ? anyClass : index;
  });
  const toTeacherClasses = (classes: Int32Array) => classes.map((index) => classOf[index] ?? anyClass);
  const all = gatherImages(
    dataset,
    Array.from({ length: dataset.count }, (_, i) => i),
  );
  const { statistics, deviation } = dataStatistics(all, all.length / dataset.count);
  const captions = tokeniser && dataset.captions.map((text) => tokeniser.encode(text, captionLength));
  const drawRows = balancedDraw(dataset, options.classBalance);
  const conditionOf = (rows: Int32Array): HostCondition => ({
    classes: toTeacherClasses(rows.map((row) => dataset.classes[row] ?? 0)),
    ...(captions && { captions: Int32Array.from([...rows].flatMap((row) => [...(captions[row] ?? [])])) }),
  });
  return {
    name: dataset.name,
    classNames,
    tokeniser,
    statistics,
    deviation,
    dataset,
    prompts: [],
    batch(step, size, seed) {
      const rows = drawRows({ seed, purpose: 'dataOrder', step }, size);
      return { x1: gatherImages(dataset, rows), condition: conditionOf(rows) };
    },
    conditions: (draw, count, seed) =>
      conditionOf(drawRows({ seed, purpose: 'condition', step: draw }, count)),
  };
}

/** Draws images with replacement; an image of a class of n has weight n^(−balance). */
function balancedDraw(dataset: Dataset, balance: number): (key: RandomKey, count: number) => Int32Array {
  const sizes = new Float64Array(dataset.classNames.length);
  for (const index of dataset.classes) sizes[index] = (sizes[index] ?? 0) + 1;
  const cumulative = new Float64Array(dataset.count);
  let total = 0;
  dataset.classes.forEach((index, row) => {
    total += (sizes[index] ?? 1) ** -balance;
    cumulative[row] = total;
  });
  const rowAt = (target: number) => {
    let [low, high] = [0, dataset.count - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return (key, count) => Int32Array.from(randomUniform(key, count), (u) => rowAt(u * total));
}

/** The eight-class toy; see engine/data/toy2d.ts. */
function toyData(): TrainingData {
  const classCount = toyClassCount('blobs');
  return {
    name: 'toy',
    classNames: Array.from({ length: classCount }, (_, i) => `class ${i + 1}`),
    tokeniser: undefined,
    statistics: dataStatistics(drawToy('blobs', 65_536, 0).points, 2).statistics,
    deviation: 1,
    dataset: undefined,
    prompts: [],
    batch(step, size, seed) {
      const { points, classes } = drawToy('blobs', size, seed, step);
      return { x1: points, condition: { classes } };
    },
    conditions: (draw, count, seed) => ({
      classes: randomIntegers({ seed, purpose: 'condition', step: draw }, count, classCount),
    }),
  };
}
