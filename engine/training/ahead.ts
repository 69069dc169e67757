/** What the next iteration is fed, drawn while this one runs. */
import { nativeKernels } from '../tensor/residentState.ts';
import { dispose, tensorsIn, type Tensors } from '../tensor/tf.ts';

export class Ahead<Draws extends object> {
  private readonly draw: (iteration: number) => Draws;
  private next: { readonly iteration: number; readonly draws: Draws } | undefined;

  /** @param draw gives tensors in objects and arrays, which must follow from the iteration alone. */
  constructor(draw: (iteration: number) => Draws) {
    this.draw = draw;
  }

  /** This iteration's, by now the caller's: drawn before where it was prepared. */
  take(iteration: number): Draws {
    const { next } = this;
    this.next = undefined;
    if (next?.iteration === iteration) return next.draws;
    if (next) dispose(next.draws as Tensors);
    return this.draw(iteration);
  }

  /** Draws for the iteration that is expected next. */
  prepare(iteration: number): void {
    this.dispose();
    const draws = this.draw(iteration);
    // TensorFlow's tensors are made now rather than by the step that they are fed to.
    nativeKernels()?.getInputTensorIds(tensorsIn(draws as Tensors));
    this.next = { iteration, draws };
  }

  dispose(): void {
    if (this.next) dispose(this.next.draws as Tensors);
    this.next = undefined;
  }
}
