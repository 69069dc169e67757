/** The teachers there are, and the one that is being added. */
import type { Teacher } from '../../engine/contract/messages/teachers.ts';
import type { Connection } from './connection.svelte.ts';
import type { Reached } from './dataSets.svelte.ts';
import { upload } from './picked.ts';
import type { Picked } from './pickedSets.ts';

export class TeacherList {
  /** Undefined until the host answered once. */
  list = $state.raw<readonly Teacher[]>();
  /** Files, then bytes. */
  adding = $state.raw<Reached>();
  private readonly connection: Connection;
  private stop: AbortController | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Returns what ends the listening. */
  watch(onError: (error: unknown) => void): () => void {
    const load = () => void this.load().catch(onError);
    return this.connection.client.on('teachers.changed', load);
  }

  async load(): Promise<void> {
    this.list = await this.api.list();
  }

  /** From a browser. @throws StudioError what was wrong with it; 'cancelled'. */
  addFiles(files: readonly Picked[]): Promise<Teacher> {
    return this.add(async (options) => {
      const { source, refused } = await upload(files, options);
      if (refused[0]) throw refused[0];
      return source;
    });
  }

  /** What the desktop's dialog or drop named. */
  addSource(source: string): Promise<Teacher> {
    return this.add(() => Promise.resolve(source));
  }

  cancel(): void {
    this.stop?.abort();
  }

  async examine(teacher: string): Promise<void> {
    await this.api.examine({ teacher });
  }

  async discard(teacher: string): Promise<void> {
    await this.api.discard({ teacher });
  }

  private async add(
    arrive: (options: {
      signal: AbortSignal;
      onProgress: (done: number, total: number) => void;
    }) => Promise<string>,
  ): Promise<Teacher> {
    this.stop = new AbortController();
    this.adding = { done: 0, total: 0 };
    const options = {
      signal: this.stop.signal,
      onProgress: (done: number, total: number) => (this.adding = { done, total }),
    };
    try {
      const added = await this.api.add({ source: await arrive(options) }, options);
      await this.load();
      return added;
    } finally {
      this.adding = undefined;
    }
  }

  private get api() {
    return this.connection.client.api.teachers;
  }
}
