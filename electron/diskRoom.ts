/** Whether the data folder's disk had no room for a run, and when it has some again. */
import { statfs } from 'node:fs/promises';

/** Milliseconds between two looks. */
const LOOK_EVERY = 5000;
/** Bytes that must have become free before it is worth another try. */
const WORTH = 16 * 2 ** 20;

export class DiskRoom {
  private readonly folder: string;
  private readonly onFreed: () => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param onFreed is called once when there is more room than when it ran out. */
  constructor(folder: string, onFreed: () => void) {
    this.folder = folder;
    this.onFreed = onFreed;
  }

  get isFull(): boolean {
    return this.timer !== undefined;
  }

  async ranOut(): Promise<void> {
    const before = await this.free();
    this.forget();
    this.timer = setInterval(() => {
      this.free().then(
        (free) => {
          if (!this.isFull || free < before + WORTH) return;
          this.forget();
          this.onFreed();
        },
        (error: unknown) => console.error('The disk cannot be read:', error),
      );
    }, LOOK_EVERY);
  }

  /** The next try may come at once. */
  forget(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }
}
