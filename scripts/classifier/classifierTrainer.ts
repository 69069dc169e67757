/** One captured training step of the classifier: classes by cross-entropy, captions by contrast (CLIP). */
import {
  captionEmbeddings,
  classifierSpecs,
  classLogits,
  imageEmbeddings,
  imageFeatures,
  type ClassifierConfig,
} from '../../engine/metrics/classifierNetwork.ts';
import { initialValues, prefixed, toTensors } from '../../engine/model/parameters.ts';
import {
  createResidentState,
  named,
  type NamedTensors,
  type ResidentState,
} from '../../engine/tensor/residentState.ts';
import { Step, type StepResult } from '../../engine/tensor/step.ts';
import * as tf from '../../engine/tensor/tf.ts';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../engine/tensor/tf.ts';
import { lossAndGradients } from '../../engine/training/gradients.ts';
import { adamFeed, adamW, zeroMoments, type AdamWConfig } from '../../engine/training/optimizers.ts';

export interface ClassifierBatch {
  /** (B, size, size, 3). */
  readonly images: Float32Array;
  readonly classes: Int32Array;
  /** (B × vocabulary). */
  readonly bags: Float32Array;
}

export interface Schedule {
  readonly iterations: number;
  readonly learningRate: number;
  readonly warmup: number;
}

const adam: AdamWConfig = { beta1: 0.9, beta2: 0.99, weightDecay: 0.05, clipNorm: 1 };
const averaging = 0.995;
const labelSmoothing = 0.1;
const captionWeight = 0.5;

export class ClassifierTrainer {
  private readonly config: ClassifierConfig;
  private readonly schedule: Schedule;
  private readonly names: readonly string[];
  private readonly state: ResidentState;
  private readonly step: Step;

  constructor(config: ClassifierConfig, schedule: Schedule, seed: number) {
    this.config = config;
    this.schedule = schedule;
    const specs = classifierSpecs(config);
    this.names = Object.keys(specs);
    const weights = toTensors(specs, initialValues(specs, seed));
    const moments = zeroMoments(weights);
    this.state = createResidentState({ ...weights, ...prefixed('ema', weights), ...moments });
    tf.dispose([weights, moments]);
    this.step = new Step({ name: 'classifier', state: this.state, run: (s, feeds) => this.update(s, feeds) });
  }

  /** One update; gives the loss. Linear warm-up, then half a cosine to zero; `step` counts from 0. */
  async train(step: number, batch: ClassifierBatch): Promise<number> {
    const { iterations, learningRate, warmup } = this.schedule;
    const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / iterations));
    const rate = learningRate * cosine * Math.min(1, (step + 1) / warmup);
    const { size, vocabulary } = this.config;
    const count = batch.classes.length;
    const feeds: NamedTensors = {
      images: tf.tensor(batch.images, [count, size, size, 3]),
      classes: tf.tensor1d(batch.classes, 'int32'),
      bags: tf.tensor(batch.bags, [count, vocabulary]),
      adam: adamFeed(adam, rate, step + 1, Math.min(averaging, (1 + step) / (10 + step))),
    };
    const outputs = this.step.run(feeds);
    const [loss = NaN] = await named(outputs, 'loss').data<'float32'>();
    tf.dispose([feeds, outputs]);
    return loss;
  }

  /** The averaged weights on the host. */
  async averagedValues(): Promise<Record<string, Float32Array>> {
    const tensors = this.state.read(this.names.map((name) => `ema.${name}`));
    const values = this.names.map(
      async (name) => [name, await named(tensors, `ema.${name}`).data<'float32'>()] as const,
    );
    const read = Object.fromEntries(await Promise.all(values));
    tf.dispose(tensors);
    return read;
  }

  dispose(): void {
    this.step.dispose();
    this.state.dispose();
  }

  private update(state: NamedTensors, feeds: NamedTensors): StepResult {
    const weights = Object.fromEntries(this.names.map((name) => [name, named(state, name)]));
    const { loss, gradients } = lossAndGradients(weights, (parameters) => {
      const features = imageFeatures(this.config, parameters, named(feeds, 'images'));
      const classLoss = smoothedCrossEntropy(
        classLogits(parameters, features),
        named(feeds, 'classes') as Tensor1D,
      );
      const images = imageEmbeddings(parameters, features);
      const captions = captionEmbeddings(parameters, named(feeds, 'bags') as Tensor2D);
      const captionLoss = contrastiveLoss(images, captions, named(parameters, 'logit_scale'));
      return classLoss.add<Scalar>(captionLoss.mul(captionWeight));
    });
    const { next } = adamW(adam, state, gradients, named(feeds, 'adam'));
    return { outputs: { loss }, next };
  }
}

/** Mean cross-entropy with smoothed labels (Szegedy et al. 2016): logits (B, K), classes (B). */
function smoothedCrossEntropy(logits: Tensor2D, classes: Tensor1D): Scalar {
  const count = logits.shape[1];
  const targets = tf
    .oneHot(classes, count)
    .toFloat()
    .mul(1 - labelSmoothing)
    .add(labelSmoothing / count);
  return tf.neg(tf.mean(tf.sum(tf.logSoftmax(logits).mul(targets), 1)));
}

/** CLIP's symmetric loss (Radford et al. 2021): unit vectors (B, E) of pictures and of their captions. */
function contrastiveLoss(images: Tensor2D, captions: Tensor2D, logitScale: Tensor): Scalar {
  const scores = tf.matMul(images, captions, false, true).mul(tf.exp(logitScale)); // (B, B)
  const own = tf.mul(tf.sum(images.mul(captions), 1), tf.exp(logitScale)); // (B)
  const toCaptions = tf.logSumExp(scores, 1);
  const toImages = tf.logSumExp(scores, 0);
  return tf.mean(toCaptions.add(toImages).mul(0.5).sub(own));
}
