/**
 * The live instrument: pictures that follow a hand. One is asked for at a time, and of the wishes that come meanwhile
 * only the newest counts: so the picture moves as fast as the student makes it and never falls behind.
 */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Instant, Played } from '../../engine/contract/messages/gallery.ts';
import type { Connection } from './connection.svelte.ts';

export interface Wish extends Played {
  readonly model: string;
}

/** Of so many pictures the median is told. */
const REMEMBERED = 31;

export class Instrument {
  /** What was answered last. */
  instant = $state.raw<Instant>();
  problem = $state.raw<StudioError>();
  private times = $state.raw<readonly { readonly device: number; readonly shown: number }[]>([]);
  /** Milliseconds of one picture on the device, and until it was here; medians. */
  readonly device = $derived(median(this.times.map(({ device }) => device)));
  readonly shown = $derived(median(this.times.map(({ shown }) => shown)));
  private readonly connection: Connection;
  private stop: AbortController | undefined;
  private next: Wish | undefined;
  private timed: string | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  ask(wish: Wish): void {
    this.next = wish;
    if (!this.stop) void this.play();
  }

  /** Takes back what was asked for. */
  end(): void {
    this.next = undefined;
    this.stop?.abort();
  }

  private async play(): Promise<void> {
    const stop = new AbortController();
    this.stop = stop;
    for (let wish = this.next; wish; wish = this.next) {
      this.next = undefined;
      const isFirst = this.begins(wish);
      const asked = performance.now();
      try {
        const instant = await this.connection.client.api.gallery.play(wish, { signal: stop.signal });
        this.instant = instant;
        this.problem = undefined;
        const times = { device: instant.milliseconds, shown: performance.now() - asked };
        if (isFirst) this.next ??= wish;
        else this.times = [...this.times, times].slice(-REMEMBERED);
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        this.timed = undefined;
        if (error.code !== 'cancelled') this.problem = error;
      }
    }
    this.stop = undefined;
  }

  /** The first picture of a model waits until it is loaded: it is made once more, to be timed. */
  private begins({ model, steps }: Wish): boolean {
    const timed = `${model} ${steps}`;
    if (timed === this.timed) return false;
    this.timed = timed;
    this.times = [];
    return true;
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
