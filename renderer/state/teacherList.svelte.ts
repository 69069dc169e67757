/** The teachers there are, and the one that is being added. */
import type { Teacher } from '../../engine/contract/messages/teachers.ts';
import type { Connection } from './connection.svelte.ts';
import type { Reached } from './dataSets.svelte.ts';
import type { Picked } from './pickedSets.ts';
import { upload } from './upload.ts';

export class TeacherList {
  /** Undefined until the host answered once. */
  list = $state.raw<readonly Teacher[]>();
  /** In bytes: first those that a browser sends, then those that the host copies. */
  adding = $state.raw<Reached & { readonly isSent: boolean }>();
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
    return this.add((signal) =>
      upload(files, { signal, onProgress: this.reach(false) }, ({ source, refused }) => {
        if (refused[0]) throw refused[0];
        return this.copy(source, signal);
      }),
    );
  }

  /** What the desktop's dialog or drop named. */
  addSource(source: string): Promise<Teacher> {
    return this.add((signal) => this.copy(source, signal));
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

  private async add(work: (signal: AbortSignal) => Promise<Teacher>): Promise<Teacher> {
    this.stop = new AbortController();
    try {
      const added = await work(this.stop.signal);
      await this.load();
      return added;
    } finally {
      this.adding = undefined;
    }
  }

  private copy(source: string, signal: AbortSignal): Promise<Teacher> {
    const onProgress = this.reach(true);
    onProgress(0, 0);
    return this.api.add({ source }, { signal, onProgress });
  }

  private reach(isSent: boolean) {
    return (done: number, total: number) => (this.adding = { isSent, done, total });
  }

  private get api() {
    return this.connection.client.api.teachers;
  }
}
