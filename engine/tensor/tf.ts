/** The only door to tfjs: the rest of the engine imports tensors and operations from here. */
import type {} from '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';

export * from '@tensorflow/tfjs-core';
