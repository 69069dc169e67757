/** The few layers that our networks share, as pure functions of parameters and inputs. */
import { constant } from '../tensor/captured/constant.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor/tf.ts';

/** x Wᵀ + b with `name.weight` [out, in] and `name.bias` [out]; x (..., in) → (..., out). */
export function linear(parameters: NamedTensors, name: string, x: Tensor): Tensor {
  const weight = named(parameters, `${name}.weight`) as Tensor2D;
  const [outputs, inputs] = weight.shape;
  const flat = tf.reshape<tf.Rank.R2>(x, [-1, inputs]);
  const product = tf.matMul(flat, weight, false, true).add(named(parameters, `${name}.bias`));
  return product.reshape([...x.shape.slice(0, -1), outputs]);
}

/** x·sigmoid(x). */
export const silu = (x: Tensor): Tensor => x.mul(tf.sigmoid(x));

/** The sigmoid approximation of GELU, x·sigmoid(1.702 x) (Hendrycks & Gimpel 2016). */
export const quickGelu = (x: Tensor): Tensor => x.mul(tf.sigmoid(x.mul(1.702)));

/** Normalises the last axis to mean 0 and variance 1, without scale and shift. */
export function layerNorm(x: Tensor, epsilon = 1e-6): Tensor {
  const centred = x.sub(tf.mean(x, -1, true));
  const variance = tf.mean(centred.square(), -1, true);
  return centred.mul(tf.rsqrt(variance.add(epsilon)));
}

/** layerNorm(x)·(1 + scale) + shift. */
export const modulate = (x: Tensor, shift: Tensor, scale: Tensor): Tensor =>
  layerNorm(x).mul(scale.add(1)).add(shift);

/**
 * Sinusoidal features of t (Vaswani et al. 2017), t (B) in [0, 1] scaled to [0, 1000] → (B, width):
 * cosines first, then sines.
 */
export function timestepFeatures(t: Tensor1D, width: number): Tensor2D {
  const half = width / 2;
  const frequencies = Float32Array.from(
    { length: half },
    (_, i) => 1000 * Math.exp((-Math.log(10000) * i) / half),
  );
  const angles = tf.reshape<tf.Rank.R2>(t, [-1, 1]).mul(constant<tf.Rank.R2>(frequencies, [1, half]));
  return tf.concat([tf.cos(angles) as Tensor2D, tf.sin(angles) as Tensor2D], 1);
}

/** Rows of a table [N, width] by index (B), as a one-hot product so that every backend has its gradient. */
export function lookup(table: Tensor, indices: Tensor1D): Tensor2D {
  const rows = table.shape[0];
  return tf.matMul(tf.oneHot(indices, rows).toFloat(), table);
}

/**
 * Multi-head self-attention with `name.qkv` and `name.proj`; x (B, T, D) → (B, T, D).
 *
 * @param mask added to the attention scores, (B, 1, 1, T): 0 where a token counts, −1e9 where it is padding.
 */
export function attention(
  parameters: NamedTensors,
  name: string,
  x: Tensor3D,
  heads: number,
  mask?: Tensor4D,
): Tensor {
  const [batch, tokens, width] = x.shape;
  const headWidth = width / heads;
  const qkv = linear(parameters, `${name}.qkv`, x)
    .reshape([batch, tokens, 3, heads, headWidth])
    .transpose([2, 0, 3, 1, 4]); // (3, B, H, T, d)
  const [query, key, value] = tf.unstack(qkv, 0) as [Tensor4D, Tensor4D, Tensor4D];
  let scores: Tensor = tf.matMul(query, key, false, true).mul(1 / Math.sqrt(headWidth)); // (B, H, T, T)
  if (mask) scores = scores.add(mask);
  const mixed = tf.matMul(tf.softmax(scores), value); // (B, H, T, d)
  return linear(parameters, `${name}.proj`, mixed.transpose([0, 2, 1, 3]).reshape([batch, tokens, width]));
}

/** `name.fc1`, quick GELU, `name.fc2`. */
export const feedForward = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  linear(parameters, `${name}.fc2`, quickGelu(linear(parameters, `${name}.fc1`, x)));
