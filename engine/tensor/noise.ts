/** Standard normal noise on the active device: drawn natively where it may be, from the same stream as elsewhere. */
import type { NativeKernelBackend } from './captured/nativeBinding.ts';
import { nativeSeeds, randomNormal, streamOf, type RandomKey } from './random.ts';
import { isNativeProcessor, nativeKernels } from './residentState.ts';
import * as tf from './tf.ts';
import type { Tensor } from './tf.ts';

/** A pure function of `key`; float32 of the given shape. Backends agree to rounding. */
export function normalNoise(key: RandomKey, shape: readonly number[]): Tensor {
  const kernels = nativeKernels();
  if (!kernels) {
    const length = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(randomNormal(key, length), [...shape]);
  }
  if (isNativeProcessor())
    return kernels.createOutputTensor(kernels.binding.createNormal(shape, streamOf(key)));
  return tf.tidy(() => {
    const [noise] = tensorflowNormal(kernels, key, tf.tensor1d([...shape], 'int32'));
    if (!noise) throw new Error('the device gave no noise');
    return noise;
  });
}

function tensorflowNormal(kernels: NativeKernelBackend, key: RandomKey, size: Tensor): Tensor[] {
  const { binding } = kernels;
  const seeds = tf.tensor1d(nativeSeeds(key), 'int32');
  const type = binding.TF_ATTR_TYPE;
  const attributes = [
    { name: 'dtype', type, value: binding.TF_FLOAT },
    { name: 'T', type, value: binding.TF_INT32 },
    { name: 'Tseed', type, value: binding.TF_INT32 },
  ];
  return kernels.executeMultipleOutputs('StatelessRandomNormal', attributes, [size, seeds], 1);
}

/** Draws shorter than this take less time on the host than an operation each. */
const SHORT_DRAW = 512;

/** A draw for each key, (keys, …shape). */
export function normalNoises(keys: readonly RandomKey[], shape: readonly number[]): Tensor {
  const length = shape.reduce((a, b) => a * b, 1);
  if (nativeKernels() && length >= SHORT_DRAW)
    return tf.tidy(() => tf.stack(keys.map((key) => normalNoise(key, shape))));
  const all = new Float32Array(keys.length * length);
  keys.forEach((key, i) => all.set(randomNormal(key, length), i * length));
  return tf.tensor(all, [keys.length, ...shape]);
}
