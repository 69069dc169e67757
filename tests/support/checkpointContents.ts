/** Small checkpoints whose every number follows from their step, so that a loaded one can be checked. */

import type { CheckpointContents } from '../../engine/training/checkpoint.ts';
import { fromFloat32 } from '../../engine/training/halfPrecision.ts';

/** `size`: numbers in its largest array. */
export function contentsOf(step: number, size = 8): CheckpointContents {
  const weights = Float32Array.from({ length: size }, (_, index) => step + index / 7);
  const moments = Float32Array.from({ length: 2 }, (_, index) => -step * index);
  return {
    weights: new Map([['student.weight', fromFloat32(weights, [2, size / 2])]]),
    optimizer: new Map([['student.weight.first', fromFloat32(moments, [2])]]),
    state: { version: 1, step, random: { dropout: step * 3 }, backend: 'tensorflow', order: [3, 1, 2] },
  };
}
