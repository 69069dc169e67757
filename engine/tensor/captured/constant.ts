/** Host arrays that are the same at every step, such as frequency tables. */
import { reshape, tensor, type Rank, type ShapeMap, type Tensor } from '../tf.ts';

let declaring = 0;

/** Whether a host array being uploaded right now was declared constant; asked by the recorder. */
export const isDeclaredConstant = (): boolean => declaring > 0;

/** A tensor whose values may be frozen into a captured step's graph; float32. */
export function constant<R extends Rank>(values: Float32Array, shape: ShapeMap[R]): Tensor<R> {
  declaring++;
  try {
    // tfjs-node uploads lazily, at first use: the reshape is that use, while the declaration holds.
    return reshape<R>(tensor(values), shape);
  } finally {
    declaring--;
  }
}
