/** The few layers that our networks share, as pure functions of parameters and inputs. */
import { constant } from '../tensor/captured/constant.ts';
import { attention, composed, quickGelu } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../tensor/tf.ts';

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

/** Normalises the last axis to mean 0 and variance 1, without scale and shift. */
export function layerNorm(x: Tensor, epsilon = 1e-6): Tensor {
  return composed.layerNorm(x, epsilon);
}

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
 * @param mask added to the attention scores, (B, T): 0 where a token counts, −1e9 where it is padding.
 */
export function selfAttention(
  parameters: NamedTensors,
  name: string,
  x: Tensor3D,
  heads: number,
  mask?: Tensor2D,
): Tensor {
  const qkv = linear(parameters, `${name}.qkv`, x) as Tensor3D;
  return linear(parameters, `${name}.proj`, attention(qkv, heads, mask));
}

/** `name.fc1`, quick GELU, `name.fc2`. */
export const feedForward = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  linear(parameters, `${name}.fc2`, quickGelu(linear(parameters, `${name}.fc1`, x)));
