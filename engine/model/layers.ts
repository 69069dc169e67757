/** The few layers that our networks share, as pure functions of parameters and inputs. */
import { constant } from '../tensor/captured/constant.ts';
import { attention, composed, gatedAdd, rowsOf, sumsByRow, swish } from '../tensor/fused.ts';
import { named, type NamedTensors } from '../tensor/residentState.ts';
import * as tf from '../tensor/tf.ts';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../tensor/tf.ts';

/** Swish with this slope is within 2 % of GELU (Hendrycks & Gimpel 2016). */
const QUICK_GELU = 1.702;

/** x Wᵀ with `name.weight` [out, in]; x (..., in) → (..., out). */
export function product(parameters: NamedTensors, name: string, x: Tensor): Tensor {
  const weight = named(parameters, `${name}.weight`) as Tensor2D;
  const [outputs, inputs] = weight.shape;
  const flat = tf.reshape<tf.Rank.R2>(x, [-1, inputs]);
  return tf.matMul(flat, weight, false, true).reshape([...x.shape.slice(0, -1), outputs]);
}

/** x Wᵀ + b with `name.weight` [out, in] and `name.bias` [out]; x (..., in) → (..., out). */
export const linear = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  product(parameters, name, x).add(named(parameters, `${name}.bias`));

/** h + linear(x)·gate; h (B, T, D), x (B, T, in), gate (B, 1, D). */
export const addGated = (
  parameters: NamedTensors,
  name: string,
  h: Tensor,
  x: Tensor,
  gate: Tensor,
): Tensor => gatedAdd(h, product(parameters, name, x), named(parameters, `${name}.bias`), gate);

/** x·sigmoid(x). */
export const silu = (x: Tensor): Tensor => swish(x, tf.zeros([x.shape.at(-1) ?? 1]), 1);

/** silu(linear(x)). */
export const siluLinear = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  swish(product(parameters, name, x), named(parameters, `${name}.bias`), 1);

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

/** Rows of a table [N, width] by index (B). Their gradient is a one-hot product, which every backend has. */
export function lookup(table: Tensor2D, indices: Tensor1D): Tensor2D {
  const [rows] = table.shape;
  const looked = tf.customGrad((...args) => {
    const [table, save] = args as unknown[] as [Tensor2D, tf.GradSaveFunc];
    save([indices]);
    return {
      value: rowsOf(table, indices),
      gradFunc: (dy, saved) => sumsByRow(dy as Tensor2D, saved[0] as Tensor1D, rows),
    };
  });
  return looked(table) as Tensor2D;
}

/**
 * The mixed values of multi-head self-attention by `name.qkv`, before `name.proj`; x (B, T, D) → (B, T, D).
 *
 * @param mask added to the attention scores, (B, T): 0 where a token counts, −1e9 where it is padding.
 */
export function attend(
  parameters: NamedTensors,
  name: string,
  x: Tensor,
  heads: number,
  mask?: Tensor2D,
): Tensor {
  const qkv = product(parameters, `${name}.qkv`, x) as Tensor3D;
  return attention(qkv, named(parameters, `${name}.qkv.bias`), heads, mask);
}

/** The hidden values of a feed-forward layer: `name.fc1` and quick GELU, before `name.fc2`. */
export const hidden = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  swish(product(parameters, `${name}.fc1`, x), named(parameters, `${name}.fc1.bias`), QUICK_GELU);

/** A transformer block without modulation (Vaswani et al. 2017, normalised first): `name.attn` and `name.mlp`. */
export function transformerBlock(
  parameters: NamedTensors,
  name: string,
  x: Tensor,
  heads: number,
  mask?: Tensor2D,
): Tensor {
  const attended = attend(parameters, `${name}.attn`, layerNorm(x), heads, mask);
  const h = x.add(linear(parameters, `${name}.attn.proj`, attended));
  return h.add(feedForward(parameters, `${name}.mlp`, layerNorm(h)));
}

/** `name.fc1`, quick GELU, `name.fc2`. */
export const feedForward = (parameters: NamedTensors, name: string, x: Tensor): Tensor =>
  linear(parameters, `${name}.fc2`, hidden(parameters, name, x));
