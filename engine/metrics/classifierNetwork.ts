/**
 * The metrics' own network: an image tower with a class head, and a caption tower that meets it in one space.
 * Hierarchical as Swin (Liu et al. 2021) but with full attention, so that it needs only matrix products.
 */
import { feedForward, layerNorm, linear, transformerBlock } from '../model/layers.ts';
import { patchify } from '../model/dit.ts';
import { linearSpecs, normal, under, type ParameterSpecs } from '../model/parameters.ts';
import { inLanes } from '../tensor/lanes.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor2D } from '../tensor/tf.ts';

export interface ClassifierStage {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

export interface ClassifierConfig {
  /** Height and width of the images, pixels. */
  readonly size: number;
  readonly patch: number;
  /** Each stage after the first merges 2 × 2 tokens into one. */
  readonly stages: readonly ClassifierStage[];
  readonly classes: number;
  /** Length of the features that the distances compare. */
  readonly features: number;
  /** Sub-words that a caption's bag counts. */
  readonly vocabulary: number;
  /** Width of the space where images and captions meet. */
  readonly embedding: number;
}

export function classifierSpecs(config: ClassifierConfig): ParameterSpecs {
  const { size, patch, stages, classes, features, vocabulary, embedding } = config;
  const specs: Record<string, ParameterSpecs[string]> = {};
  let incoming = patch * patch * 3;
  for (const [s, { width, layers }] of stages.entries()) {
    Object.assign(specs, linearSpecs(`stages.${s}.embed`, incoming, width));
    for (let i = 0; i < layers; i++) {
      const block = `stages.${s}.blocks.${i}`;
      Object.assign(
        specs,
        linearSpecs(`${block}.attn.qkv`, width, 3 * width),
        linearSpecs(`${block}.attn.proj`, width, width, 0.5 / Math.sqrt(width)),
        linearSpecs(`${block}.mlp.fc1`, width, 4 * width),
        linearSpecs(`${block}.mlp.fc2`, 4 * width, width, 0.25 / Math.sqrt(width)),
      );
    }
    incoming = 4 * width;
  }
  const first = stages[0]?.width ?? 0;
  return {
    pos_embed: normal(0.2, (size / patch) ** 2, first),
    ...specs,
    ...linearSpecs('neck', incoming / 4, features),
    ...linearSpecs('class_head', features, classes),
    ...linearSpecs('image_head', features, embedding),
    'caption.token_embedding.weight': normal(1, vocabulary, embedding),
    ...linearSpecs('caption.mlp.fc1', embedding, 4 * embedding),
    ...linearSpecs('caption.mlp.fc2', 4 * embedding, embedding, 0.25 / Math.sqrt(embedding)),
    /** Logarithm of the inverse temperature of the contrastive loss; it starts at 1 / 0.1. */
    logit_scale: { shape: [1], initializer: { kind: 'values', values: Float32Array.of(Math.log(10)) } },
  };
}

/** Images (B, size, size, 3) in [−1, 1] → features (B, features): the layer before the heads. */
export function imageFeatures(config: ClassifierConfig, parameters: NamedTensors, images: Tensor): Tensor2D {
  const [features] = inLanes([images], ([part]) => [towerFeatures(config, parameters, part as Tensor)]);
  return features as Tensor2D;
}

function towerFeatures(config: ClassifierConfig, parameters: NamedTensors, images: Tensor): Tensor2D {
  const [batch] = images.shape;
  let side = config.size / config.patch;
  let h: Tensor = patchify(images, config.patch); // (B, side², patch²·3)
  for (const [s, { width, layers, heads }] of config.stages.entries()) {
    const stage = under(parameters, `stages.${s}`);
    if (s > 0) {
      h = patchify(layerNorm(h).reshape([batch, side, side, h.shape[2] ?? 0]), 2);
      side /= 2;
    }
    h = linear(stage, 'embed', h); // (B, side², width)
    if (s === 0) h = h.add(named(parameters, 'pos_embed'));
    for (let i = 0; i < layers; i++) {
      h = transformerBlock(stage, `blocks.${i}`, h, heads);
    }
    h = h.reshape([batch, side * side, width]);
  }
  return linear(parameters, 'neck', tf.mean(layerNorm(h), 1)) as Tensor2D;
}

/** Features (B, features) → class logits (B, classes). */
export const classLogits = (parameters: NamedTensors, features: Tensor2D): Tensor2D =>
  linear(parameters, 'class_head', features) as Tensor2D;

/** Features (B, features) → unit vectors (B, embedding) to compare with captions. */
export const imageEmbeddings = (parameters: NamedTensors, features: Tensor2D): Tensor2D =>
  unit(linear(parameters, 'image_head', features));

/** Bags of sub-words (B, vocabulary), each row summing to 1 → unit vectors (B, embedding). */
export function captionEmbeddings(parameters: NamedTensors, bags: Tensor2D): Tensor2D {
  const caption = under(parameters, 'caption');
  const h = tf.matMul(bags, named(caption, 'token_embedding.weight'));
  return unit(h.add(feedForward(caption, 'mlp', layerNorm(h))));
}

const unit = (x: Tensor): Tensor2D => x.mul<Tensor2D>(tf.rsqrt(tf.sum(x.square(), -1, true).add(1e-12)));
