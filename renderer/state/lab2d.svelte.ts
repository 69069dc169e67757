/** The 2-D lab of one window: asks for the next iterations as soon as the last are drawn, for as long as it plays. */
import type { LabPicture, LabSettings } from '../../engine/contract/messages/lab2d.ts';
import type { Connection } from './connection.svelte.ts';

const AT_A_TIME = 2;
/** Milliseconds between two pictures at least, so that a quick engine can be watched. */
const PACE = 60;

export class Lab2d {
  settings = $state.raw<LabSettings>({
    ...{ cfgAugmentation: 1, distributionMatching: 1, schedule: 'decoupled-hybrid', steps: 1 },
  });
  picture = $state.raw<LabPicture>();
  data = $state.raw<readonly number[]>([]);
  isPlaying = $state(false);
  private readonly connection: Connection;
  private readonly onError: (error: unknown) => void;
  private last: Promise<void> = Promise.resolve();

  constructor(connection: Connection, onError: (error: unknown) => void) {
    this.connection = connection;
    this.onError = onError;
  }

  /** Shows where everything begins. */
  async open(): Promise<void> {
    await this.ask(0, true);
    await this.during(async () => {
      this.data = (await this.connection.client.api.lab2d.data()).points;
    });
  }

  change(change: Partial<LabSettings>): void {
    this.settings = { ...this.settings, ...change };
    if (!this.isPlaying) void this.ask(0);
  }

  async play(): Promise<void> {
    if (this.isPlaying) return;
    this.isPlaying = true;
    while (this.goesOn()) {
      const pace = new Promise((resolve) => setTimeout(resolve, PACE));
      await this.ask(AT_A_TIME);
      await pace;
    }
  }

  /** Asked anew each time, since it may be paused meanwhile. */
  private goesOn(): boolean {
    return this.isPlaying;
  }

  pause(): void {
    this.isPlaying = false;
  }

  step(): void {
    this.pause();
    void this.ask(1);
  }

  restart(): void {
    void this.ask(0, true);
  }

  /** One question at a time, with the settings of when it is sent. */
  private ask(iterations: number, restart = false): Promise<void> {
    this.last = this.last.then(() =>
      this.during(async () => {
        const { lab2d } = this.connection.client.api;
        this.picture = await lab2d.advance({ settings: this.settings, iterations, restart });
      }),
    );
    return this.last;
  }

  private async during(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.pause();
      this.onError(error);
    }
  }
}
