/**
 * Canvases drawn in turn. Many within one frame make a task that holds up the window while a training leaves it little
 * of the processor: each canvas has to be handed over before the task ends.
 */

/** Milliseconds from one to the next: seven curves are drawn three times a second. */
const PAUSE = 48;

export class Turns {
  private readonly waiting = new Map<unknown, () => void>();
  private isRunning = false;

  /** Of one canvas the newest drawing counts; it keeps its turn. */
  ask(canvas: unknown, draw: () => void): void {
    this.waiting.set(canvas, draw);
    if (this.isRunning) return;
    this.isRunning = true;
    requestAnimationFrame(this.next);
  }

  forget(canvas: unknown): void {
    this.waiting.delete(canvas);
  }

  private readonly next = (): void => {
    const [first] = this.waiting;
    if (!first) {
      this.isRunning = false;
      return;
    }
    const [canvas, draw] = first;
    this.waiting.delete(canvas);
    draw();
    setTimeout(() => requestAnimationFrame(this.next), PAUSE);
  };
}
