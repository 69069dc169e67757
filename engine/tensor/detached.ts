/** Stop-gradient, which tfjs lacks. */
import { customGrad, zerosLike, type Tensor } from './tf.ts';

/**
 * The value of `x` as a constant for automatic differentiation: same shape, gradient exactly 0.
 * A target computed inside a tape must pass through here; otherwise the loss differentiates it too.
 */
export function detached<T extends Tensor>(x: T): T {
  const identity = customGrad((input) => {
    const tensor = input as Tensor;
    return { value: tensor.clone(), gradFunc: () => zerosLike(tensor) };
  });
  return identity(x) as T;
}
