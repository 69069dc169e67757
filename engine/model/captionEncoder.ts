/** A small transformer over sub-word tokens: a caption becomes one vector. Trained with its teacher. */
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor2D } from '../tensor/tf.ts';
import { layerNorm, linear, lookup, transformerBlock } from './layers.ts';
import { linearSpecs, normal, type ParameterSpecs } from './parameters.ts';

export interface CaptionEncoderConfig {
  readonly vocabulary: number;
  /** Tokens a caption, padding included. */
  readonly length: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** The token that fills the rest of a caption; it takes no part in attention or in the mean. */
const PADDING_TOKEN = 0;

export function captionEncoderSpecs(config: CaptionEncoderConfig, outputs: number): ParameterSpecs {
  const { vocabulary, length, width, layers } = config;
  const specs: Record<string, ParameterSpecs[string]> = {
    'token_embedding.weight': normal(1, vocabulary, width),
    position_embedding: normal(0.1, length, width),
  };
  for (let i = 0; i < layers; i++) {
    Object.assign(
      specs,
      linearSpecs(`blocks.${i}.attn.qkv`, width, 3 * width),
      linearSpecs(`blocks.${i}.attn.proj`, width, width, 0.5 / Math.sqrt(width)),
      linearSpecs(`blocks.${i}.mlp.fc1`, width, 4 * width),
      linearSpecs(`blocks.${i}.mlp.fc2`, 4 * width, width, 0.25 / Math.sqrt(width)),
    );
  }
  return { ...specs, ...linearSpecs('proj', width, outputs) };
}

/** Token ids (B, L) int32 → one vector each (B, outputs): the projected mean over the real tokens. */
export function encodeCaptions(
  config: CaptionEncoderConfig,
  parameters: NamedTensors,
  ids: Tensor2D,
): Tensor2D {
  const { length, width, layers, heads } = config;
  const batch = ids.shape[0];
  const table = named(parameters, 'token_embedding.weight') as Tensor2D;
  const real = tf.notEqual(ids, PADDING_TOKEN).toFloat(); // (B, L)
  const mask = real.sub(1).mul<Tensor2D>(1e9);
  let h: Tensor = lookup(table, tf.reshape(ids, [-1]))
    .reshape([batch, length, width])
    .add(named(parameters, 'position_embedding'));
  for (let i = 0; i < layers; i++) {
    h = transformerBlock(parameters, `blocks.${i}`, h, heads, mask);
  }
  const weights = real.div(tf.maximum(tf.sum(real, 1, true), 1)).reshape([batch, length, 1]);
  const mean = tf.sum(layerNorm(h).mul(weights), 1); // (B, width)
  return linear(parameters, 'proj', mean) as Tensor2D;
}
