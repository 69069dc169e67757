/** While the data folder is moved nothing may change in it: requests that only read go on, all others are refused. */
import { StudioError } from '../engine/contract/errors.ts';

/** By the last part of their names; `app.` and `settings.get` serve every view. */
const reading = /^app\.|\.(?:get|list|curve|frames|order|verdicts|sources|draft|moveData)$/;

export class Stillness {
  private readonly changing = new Map<symbol, string>();
  private isStill = false;

  /** @throws StudioError 'busy' for what would change something while all is still. */
  async around(name: string, work: () => unknown): Promise<unknown> {
    if (reading.test(name)) return work();
    if (this.isStill)
      throw new StudioError('busy', 'The data folder is being moved.', 'Wait, then start Stillroom anew.');
    const key = Symbol(name);
    this.changing.set(key, name);
    try {
      return await work();
    } finally {
      this.changing.delete(key);
    }
  }

  /** Nothing changes from here on, and never again once the work succeeded. @throws StudioError 'busy'. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const [name] = this.changing.values();
    if (name !== undefined || this.isStill)
      throw new StudioError(
        'busy',
        'Something else is under way; nothing was changed.',
        'Move the data folder when it is done.',
      );
    this.isStill = true;
    try {
      return await work();
    } catch (error) {
      this.isStill = false;
      throw error;
    }
  }
}
