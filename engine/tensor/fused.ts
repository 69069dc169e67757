/**
 * Chains of elementwise operations that are one kernel where the native engine runs on the processor
 * (native/fusedKernels.cc), and primitive operations elsewhere. Each has its gradient; `composed` is the oracle.
 */
import { isNativeProcessor, nativeKernels } from './residentState.ts';
import * as tf from './tf.ts';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from './tf.ts';

/** Runs a fused kernel; to be asked for only where there are such. `counts` are the lengths of its lists of inputs. */
function fused(
  name: string,
  inputs: readonly Tensor[],
  outputs: number,
  counts: Readonly<Record<string, number>> = {},
): Tensor[] {
  const kernels = nativeKernels();
  if (!kernels) throw new Error(`the active backend has no kernel ${name}`);
  const type = kernels.binding.TF_ATTR_INT;
  const attributes = Object.entries(counts).map(([list, value]) => ({ name: list, type, value }));
  return kernels.executeMultipleOutputs(`Stillroom${name}`, attributes, inputs, outputs);
}

function fusedOne(
  name: string,
  inputs: readonly Tensor[],
  counts?: Readonly<Record<string, number>>,
): Tensor {
  const [output] = fused(name, inputs, 1, counts);
  if (!output) throw new Error(`the fused kernel ${name} gave no output`);
  return output;
}

/** The same in primitive operations. */
export const composed = {
  swish(x: Tensor, bias: Tensor, slope: number): Tensor {
    const u = x.add(bias);
    return u.mul(tf.sigmoid(u.mul(slope)));
  },

  layerNorm(x: Tensor, epsilon: number): Tensor {
    const centred = x.sub(tf.mean(x, -1, true));
    const variance = tf.mean(centred.square(), -1, true);
    return centred.mul(tf.rsqrt(variance.add(epsilon)));
  },

  modulate: (x: Tensor, shift: Tensor, scale: Tensor, epsilon: number): Tensor =>
    composed.layerNorm(x, epsilon).mul(scale.add(1)).add(shift),

  attention(qkv: Tensor3D, bias: Tensor, heads: number, mask?: Tensor2D): Tensor {
    const [batch, tokens, triple] = qkv.shape;
    const head = triple / 3 / heads;
    const parts = tf.reshape(qkv.add(bias), [batch, tokens, 3, heads, head]).transpose([2, 0, 3, 1, 4]); // (3, B, H, T, d)
    const [query, key, value] = tf.unstack(parts, 0) as [Tensor, Tensor, Tensor];
    let scores: Tensor = tf.matMul(query, key, false, true).mul(1 / Math.sqrt(head)); // (B, H, T, T)
    if (mask) scores = scores.add(mask.reshape([batch, 1, 1, tokens]));
    const mixed = tf.matMul(tf.softmax(scores), value); // (B, H, T, d)
    return mixed.transpose([0, 2, 1, 3]).reshape([batch, tokens, triple / 3]);
  },

  gatedAdd: (h: Tensor, y: Tensor, bias: Tensor, gate: Tensor): Tensor => h.add(y.add(bias).mul(gate)),

  /** What all weights of an update share, scalars. */
  adamWFactors({ schedule, gradientNorm, ...n }: AdamWNumbers): AdamWFactors {
    const [learningRate, correction1, correction2, averaging] = tf.unstack(schedule) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const finite = tf.isFinite(gradientNorm);
    const rate = learningRate.mul(finite.toFloat());
    return {
      ...{ beta1: n.beta1, beta2: n.beta2, epsilon: n.epsilon, finite, averaging },
      rate1: rate.div(correction1),
      root2: tf.rsqrt(correction2),
      decay: rate.mul(n.weightDecay),
      clip: tf.minimum(1, tf.div(n.clipNorm, tf.maximum(gradientNorm, 1e-12))),
    };
  },

  adamW({ weight, first, second, average, gradient }: AdamWTensors, n: AdamWFactors): AdamWResult {
    const g = tf.where(n.finite, gradient.mul(n.clip), tf.zerosLike(gradient));
    const nextFirst = first.mul(n.beta1).add(g.mul(1 - n.beta1));
    const nextSecond = second.mul(n.beta2).add(g.square().mul(1 - n.beta2));
    const direction = nextFirst.mul(n.rate1).div(tf.sqrt(nextSecond).mul(n.root2).add(n.epsilon));
    const next = weight.sub(weight.mul(n.decay)).sub(direction);
    return {
      weight: next,
      first: nextFirst,
      second: nextSecond,
      ...(average && { average: next.add(average.sub(next).mul(n.averaging)) }),
    };
  },
};

/**
 * u·sigmoid(slope·u) with u = x + bias (Hendrycks & Gimpel 2016): SiLU with slope 1, quick GELU with 1.702.
 *
 * @param x (…, D).
 * @param bias (D).
 */
export function swish(x: Tensor, bias: Tensor, slope: number): Tensor {
  if (!isNativeProcessor()) return composed.swish(x, bias, slope);
  return tf.customGrad((...args) => {
    const [x, bias, save] = args as unknown[] as [Tensor, Tensor, tf.GradSaveFunc];
    const inputs = [x, bias, tf.scalar(slope)];
    save(inputs);
    return {
      value: fusedOne('Swish', inputs),
      gradFunc: (dy, saved) => fused('SwishGrad', [...saved, dy], 2),
    };
  })(x, bias);
}

/**
 * Layer normalisation of the last axis, then ·(1 + scale) + shift: adaptive layer norm (Peebles & Xie 2023).
 *
 * @param x (B, T, D).
 * @param shift, scale (B, 1, D).
 */
export function modulate(x: Tensor, shift: Tensor, scale: Tensor, epsilon = 1e-6): Tensor {
  if (!isNativeProcessor()) return composed.modulate(x, shift, scale, epsilon);
  return tf.customGrad((...args) => {
    const [x, shift, scale, save] = args as unknown[] as [Tensor, Tensor, Tensor, tf.GradSaveFunc];
    save([x, scale]);
    return {
      value: fusedOne('Modulate', [x, shift, scale, tf.scalar(epsilon)]),
      gradFunc: (dy, saved) => fused('ModulateGrad', [...saved, dy, tf.scalar(epsilon)], 3),
    };
  })(x, shift, scale);
}

/** h + (y + bias)·gate with h and y (B, T, D), bias (D) and gate (B, 1, D): a gated residual branch. */
export function gatedAdd(h: Tensor, y: Tensor, bias: Tensor, gate: Tensor): Tensor {
  if (!isNativeProcessor()) return composed.gatedAdd(h, y, bias, gate);
  return tf.customGrad((...args) => {
    const [h, y, bias, gate, save] = args as unknown[] as [Tensor, Tensor, Tensor, Tensor, tf.GradSaveFunc];
    save([y, bias, gate]);
    return {
      value: fusedOne('GatedAdd', [h, y, bias, gate]),
      gradFunc: (dy, saved) => [dy, ...fused('GatedAddGrad', [...saved, dy], 3)],
    };
  })(h, y, bias, gate);
}

/**
 * Multi-head self-attention, softmax(q·kᵀ/√d + mask)·v for each head (Vaswani et al. 2017).
 *
 * @param qkv (B, T, 3·D): queries, keys and values, each of `heads` heads, before their bias (3·D).
 * @param mask (B, T): 0 where a token counts, −1e9 where it is padding.
 * @returns (B, T, D).
 */
export function attention(qkv: Tensor3D, bias: Tensor, heads: number, mask?: Tensor2D): Tensor {
  if (!isNativeProcessor()) return composed.attention(qkv, bias, heads, mask);
  return tf.customGrad((...args) => {
    const [qkv, bias, save] = args as unknown[] as [Tensor, Tensor, tf.GradSaveFunc];
    const inputs: Tensor[] = [qkv, bias, mask ?? tf.zeros<tf.Rank.R1>([0]), tf.scalar(heads)];
    save(inputs);
    return {
      value: fusedOne('Attention', inputs),
      gradFunc: (dy, saved) => fused('AttentionGrad', [...saved, dy], 2),
    };
  })(qkv, bias);
}

/** Rows of a table (N, D) by index (B), without a gradient. tfjs's own gather reads the indices back to check them. */
export function rowsOf(table: Tensor2D, indices: Tensor1D): Tensor2D {
  const kernels = nativeKernels();
  if (!kernels) return tf.gather(table, indices);
  const { TF_ATTR_TYPE, TF_ATTR_INT, TF_FLOAT, TF_INT32 } = kernels.binding;
  const attributes = [
    { name: 'Tparams', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'Tindices', type: TF_ATTR_TYPE, value: TF_INT32 },
    { name: 'Taxis', type: TF_ATTR_TYPE, value: TF_INT32 },
    { name: 'batch_dims', type: TF_ATTR_INT, value: 0 },
  ];
  const inputs = [table, indices, tf.scalar(0, 'int32')];
  const [rows] = kernels.executeMultipleOutputs('GatherV2', attributes, inputs, 1);
  if (!rows) throw new Error('GatherV2 gave no rows');
  return rows as Tensor2D;
}

/** (N, D): in each row the sum of those rows of dy (B, D) whose index (B) it is; the gradient of `rowsOf`. */
export function sumsByRow(dy: Tensor2D, indices: Tensor1D, rows: number): Tensor2D {
  // WebAssembly has no such operation, and a graphics card adds in another order each time.
  if (isNativeProcessor()) return tf.unsortedSegmentSum(dy, indices, rows);
  return tf.matMul(tf.oneHot(indices, rows).toFloat(), dy, true);
}

/** The sum of the squares of all elements of all the tensors, a scalar. */
export function sumOfSquares(tensors: readonly Tensor[]): Tensor {
  if (isNativeProcessor()) return fusedOne('SumOfSquares', tensors, { N: tensors.length });
  return tf.addN(tensors.map((x) => tf.sum(x.square())));
}

export interface AdamWTensors {
  readonly weight: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
  /** The moving average of the weight, where one is kept. */
  readonly average?: Tensor;
  readonly gradient: Tensor;
}

export type AdamWResult = Omit<AdamWTensors, 'gradient'>;

/** What the weights of an update share, worked out once: scalars. */
interface AdamWFactors extends Pick<AdamWNumbers, 'beta1' | 'beta2' | 'epsilon'> {
  /** Learning rate ÷ (1 − β₁ᵏ). */
  readonly rate1: Tensor;
  /** 1 ÷ √(1 − β₂ᵏ). */
  readonly root2: Tensor;
  /** Learning rate × weight decay. */
  readonly decay: Tensor;
  /** What gradients are multiplied by to keep their norm within bounds. */
  readonly clip: Tensor;
  /** Whether the norm is a number; the learning rate is 0 where it is not. */
  readonly finite: Tensor;
  readonly averaging: Tensor;
}

/** The numbers of an update. */
export interface AdamWNumbers {
  /** (4): learning rate, 1 − β₁ᵏ, 1 − β₂ᵏ, and the decay of the moving average. */
  readonly schedule: Tensor;
  /** Of all gradients together, a scalar. */
  readonly gradientNorm: Tensor;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Larger gradients are scaled down to this norm. */
  readonly clipNorm: number;
}

/**
 * One AdamW update for each of the given weights, by name (Loshchilov & Hutter 2019); all with an average or none.
 * Where the gradients' norm is not finite, gradients and learning rate count as zero.
 */
export function adamWUpdates(
  weights: Readonly<Record<string, AdamWTensors>>,
  numbers: AdamWNumbers,
): Record<string, AdamWResult> {
  const names = Object.keys(weights);
  const all = Object.values(weights);
  if (!isNativeProcessor()) {
    const factors = composed.adamWFactors(numbers);
    return Object.fromEntries(names.map((name, i) => [name, composed.adamW(at(all, i), factors)]));
  }
  const { schedule, gradientNorm, weightDecay, beta1, beta2, epsilon, clipNorm } = numbers;
  const settings = tf.tensor1d([weightDecay, beta1, beta2, epsilon, clipNorm]);
  const averages = all.flatMap(({ average }) => average ?? []);
  const values = [
    ...all.map(({ weight }) => weight),
    ...all.map(({ first }) => first),
    ...all.map(({ second }) => second),
    ...averages,
  ];
  const counts = { V: values.length, N: all.length };
  const next = fused(
    'AdamW',
    [schedule, settings, gradientNorm, ...values, ...all.map(({ gradient }) => gradient)],
    values.length,
    counts,
  );
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        weight: at(next, i),
        first: at(next, i + all.length),
        second: at(next, i + 2 * all.length),
        ...(averages.length > 0 && { average: at(next, i + 3 * all.length) }),
      },
    ]),
  );
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`there is no element ${index} in a list of ${list.length}`);
  return value;
}
