/** Lets one piece of work at a time use the device: between two iterations of a training, or at once without one. */

export class BetweenIterations {
  private readonly waiting: (() => Promise<void>)[] = [];
  private training = false;
  private last: Promise<unknown> = Promise.resolve();

  /** From now on, work waits for `letThrough`. */
  trainingBegins(): void {
    this.training = true;
  }

  async trainingEnds(): Promise<void> {
    this.training = false;
    await this.letThrough();
  }

  /** Does what waits; the training calls it after each iteration. */
  async letThrough(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next();
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.training) {
      const result = this.last.then(work);
      this.last = result.catch(() => undefined);
      return result;
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.push(() => work().then(resolve, reject));
    });
  }

  /** Resolves when nothing uses the device that began without a training. */
  async idle(): Promise<void> {
    await this.last;
  }
}
