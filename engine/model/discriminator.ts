/**
 * Heads that tell real samples from generated ones by the features of a network that began as the teacher: for each of
 * its feature layers a norm, a linear layer, SiLU, the mean over tokens and a linear layer to one logit.
 */
import type { NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor } from '../tensor/tf.ts';
import { layerNorm, linear, silu } from './layers.ts';
import { featureLayers, type Network } from './network.ts';
import { linearSpecs, type ParameterSpecs } from './parameters.ts';

const WIDTH = 64;

/** The last layers start at 0: every logit is 0, and the first student update feels no discriminator. */
export function discriminatorSpecs({ layers, width }: Network): ParameterSpecs {
  const heads = featureLayers(layers).map((_, i) => ({
    ...linearSpecs(`heads.${i}.fc1`, width, WIDTH),
    ...linearSpecs(`heads.${i}.fc2`, WIDTH, 1, 0),
  }));
  return Object.assign({}, ...heads) as ParameterSpecs;
}

/** features (B, tokens, width) of each layer → logits (B, heads). */
export function discriminate(heads: NamedTensors, features: readonly Tensor[]): Tensor {
  const logits = features.map((feature, i) => {
    const h = silu(linear(heads, `heads.${i}.fc1`, layerNorm(feature))); // (B, tokens, WIDTH)
    return linear(heads, `heads.${i}.fc2`, tf.mean(h, 1)); // (B, 1)
  });
  return tf.concat(logits, 1);
}
