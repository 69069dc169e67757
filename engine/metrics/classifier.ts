/** A trained classifier at work: pictures and captions in batches through captured steps. */
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';
import { CaptionTokeniser } from '../data/captions.ts';
import { toTensors } from '../model/parameters.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../tensor/residentState.ts';
import { Step, type StepResult } from '../tensor/step.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor2D } from '../tensor/tf.ts';
import { captionBags, subWords } from './captionBags.ts';
import {
  captionEmbeddings,
  classifierSpecs,
  classLogits,
  imageEmbeddings,
  imageFeatures,
} from './classifierNetwork.ts';
import type { Features } from './features.ts';

const stage = z.strictObject({ width: z.int(), layers: z.int(), heads: z.int() });

/** How a classifier was made and what it reaches on pictures that it never saw. */
const provenance = z.strictObject({
  command: z.string(),
  seed: z.int(),
  iterations: z.int(),
  batch: z.int(),
  seconds: z.number(),
  curve: z.string(),
});
const heldOut = z.strictObject({
  count: z.int(),
  classAgreement: z.number(),
  /** Mean over the classes of each one's share. */
  balancedAgreement: z.number(),
  captionAgreement: z.number(),
});

/** `classifier.json`, beside the weights. */
export const classifierFile = z.strictObject({
  version: z.literal(1),
  config: z.strictObject({
    size: z.int(),
    patch: z.int(),
    stages: z.array(stage).readonly(),
    classes: z.int(),
    features: z.int(),
    vocabulary: z.int(),
    embedding: z.int(),
  }),
  classNames: z.array(z.string()),
  tokeniser: z.json(),
  made: provenance,
  heldOut,
});
export type ClassifierFile = z.infer<typeof classifierFile>;

/** What the networks are made of; `classifier.json` tells besides how they were trained. */
export type ClassifierDescription = Pick<ClassifierFile, 'config' | 'classNames' | 'tokeniser'>;

/** What the classifier sees in a set of pictures, one row a picture. */
export interface Sight {
  readonly features: Features;
  /** Most likely class of each picture. */
  readonly predictions: Int32Array;
  /** Unit vectors to compare with captions'. */
  readonly embeddings: Features;
}

/** Pictures or captions that one run of a step takes; the last batch is filled up, so one graph serves all. */
const BATCH = 64;

export class Classifier {
  readonly description: ClassifierDescription;
  private readonly tokeniser: CaptionTokeniser;
  private readonly state: ResidentState;
  private readonly imageStep: Step;
  private readonly captionStep: Step;

  /** @param values each parameter by name, row-major. */
  constructor(description: ClassifierDescription, values: Readonly<Record<string, Float32Array>>) {
    this.description = description;
    this.tokeniser = CaptionTokeniser.fromJSON(description.tokeniser);
    const weights = toTensors(classifierSpecs(description.config), values);
    this.state = createResidentState(weights);
    tf.dispose(weights);
    const uses = this.state.names;
    this.imageStep = new Step({
      name: 'see',
      state: this.state,
      uses,
      settings: description.config,
      run: (w, feeds) => this.see(w, feeds),
    });
    this.captionStep = new Step({
      name: 'embedCaptions',
      state: this.state,
      uses: uses.filter((name) => name.startsWith('caption.')),
      settings: description.config,
      run: (w, feeds) => ({
        outputs: { embeddings: captionEmbeddings(w, named(feeds, 'bags') as Tensor2D) },
      }),
    });
  }

  get imageLength(): number {
    return this.description.config.size ** 2 * 3;
  }

  /** @param images (N, size, size, 3) in [−1, 1] and somewhat beyond. Throws `internal` for another size, or `cancelled`. */
  async look(images: Float32Array, signal?: AbortSignal): Promise<Sight> {
    const { size, features, embedding } = this.description.config;
    const count = images.length / this.imageLength;
    if (!Number.isInteger(count)) {
      throw new StudioError('internal', `The classifier takes pictures of ${size} × ${size} pixels.`);
    }
    const seen = await inBatches(
      images,
      this.imageLength,
      async (rows) => {
        const feeds = { images: tf.tensor(rows, [BATCH, size, size, 3]) };
        return readOutputs(this.imageStep, feeds);
      },
      signal,
    );
    return {
      features: { values: joined(seen, 'features', count * features), count, width: features },
      embeddings: { values: joined(seen, 'embeddings', count * embedding), count, width: embedding },
      predictions: Int32Array.from(joined(seen, 'predictions', count)),
    };
  }

  /** Unit vectors, one a caption; what captions say the same are near each other. */
  async embedCaptions(captions: readonly string[]): Promise<Features> {
    const { vocabulary, embedding } = this.description.config;
    const words = captions.map((caption) => subWords(this.tokeniser, caption));
    const seen = await inBatches(captionBags(words, vocabulary), vocabulary, async (rows) => {
      const feeds = { bags: tf.tensor(rows, [BATCH, vocabulary]) };
      return readOutputs(this.captionStep, feeds);
    });
    const count = captions.length;
    return { values: joined(seen, 'embeddings', count * embedding), count, width: embedding };
  }

  dispose(): void {
    this.imageStep.dispose();
    this.captionStep.dispose();
    this.state.dispose();
  }

  private see(weights: NamedTensors, feeds: NamedTensors): StepResult {
    const features = imageFeatures(this.description.config, weights, named(feeds, 'images'));
    const embeddings = imageEmbeddings(weights, features);
    const predictions = tf.argMax(classLogits(weights, features), 1);
    return { outputs: { features, embeddings, predictions } };
  }
}

type Outputs = Readonly<Record<string, ArrayLike<number>>>;

/** Runs `work` on BATCH rows at a time, the last of them zeros where the rows run out. */
async function inBatches(
  values: Float32Array,
  rowLength: number,
  work: (rows: Float32Array) => Promise<Outputs>,
  signal?: AbortSignal,
): Promise<Outputs[]> {
  const outputs: Outputs[] = [];
  for (let from = 0; from < values.length; from += BATCH * rowLength) {
    if (signal?.aborted)
      throw new StudioError('cancelled', 'Looking at the pictures was cancelled; nothing was changed.');
    const rows = new Float32Array(BATCH * rowLength);
    rows.set(values.subarray(from, from + rows.length));
    outputs.push(await work(rows));
  }
  return outputs;
}

/** One run of a step, its outputs on the host; the feeds are disposed. */
async function readOutputs(step: Step, feeds: NamedTensors): Promise<Outputs> {
  const outputs = step.run(feeds);
  const read = await Promise.all(
    Object.entries(outputs).map(async ([name, output]) => [name, await output.data()] as const),
  );
  tf.dispose([feeds, outputs]);
  return Object.fromEntries(read);
}

/** The first `length` numbers of one output over all batches. */
function joined(batches: readonly Outputs[], name: string, length: number): Float32Array {
  const values = new Float32Array(length);
  let at = 0;
  for (const batch of batches) {
    const part = batch[name] ?? [];
    for (let i = 0; i < part.length && at < length; i++) values[at++] = part[i] ?? NaN;
  }
  return values;
}
