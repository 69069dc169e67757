/** Pictures of a teacher for the settings as they are: the newest wish counts, an older one is taken back. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { TeacherSample } from '../../engine/contract/messages/teachers.ts';
import type { Connection } from './connection.svelte.ts';

export interface Wish {
  readonly prompts: readonly string[];
  readonly seed: number;
  readonly guidance: number;
  readonly steps: number;
}

/** A slider that is dragged asks for nothing until it rests so long. */
const REST = 200;

export class TeacherSampling {
  /** Of the last wish that was answered; stays while the next one is under way. */
  sample = $state.raw<TeacherSample>();
  progress = $state.raw<{ readonly done: number; readonly total: number }>();
  problem = $state.raw<StudioError>();
  private readonly connection: Connection;
  private stop: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  ask(teacher: string, wish: Wish): void {
    this.cancel();
    this.timer = setTimeout(() => void this.draw(teacher, wish), REST);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.stop?.abort();
    this.stop = undefined;
    this.progress = undefined;
  }

  /** Another teacher: nothing of the one before is shown. */
  clear(): void {
    this.cancel();
    this.sample = undefined;
    this.problem = undefined;
  }

  private async draw(teacher: string, { prompts, ...wish }: Wish): Promise<void> {
    const stop = new AbortController();
    this.stop = stop;
    this.progress = { done: 0, total: 0 };
    const isStill = () => this.stop === stop;
    try {
      const sample = await this.connection.client.api.teachers.sample(
        { teacher, prompts: [...prompts], ...wish },
        {
          signal: stop.signal,
          onProgress: (done, total) => {
            if (isStill()) this.progress = { done, total };
          },
        },
      );
      if (!isStill()) return;
      this.sample = sample;
      this.problem = undefined;
    } catch (error) {
      if (!isStill()) return;
      if (!(error instanceof StudioError)) throw error;
      this.problem = error;
    } finally {
      if (isStill()) this.progress = undefined;
    }
  }
}
