/** Runs of every project as the host last told, and how far the one that trains is. */
import type { Run, RunProgress } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';

export class Runs {
  /** Newest first; undefined until the host answered once. */
  list = $state.raw<readonly Run[]>();
  progress = $state.raw<RunProgress>();
  /** Ids of waiting runs, the next one first; may still name one that waits no more. */
  order = $state.raw<readonly string[]>([]);
  readonly active = $derived(this.list?.find(({ status }) => status === 'running'));
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('runs.changed', (run) => {
      const others = (this.list ?? []).filter(({ id }) => id !== run.id);
      // Ids grow with time.
      this.list = [run, ...others].sort((a, b) => (a.id < b.id ? 1 : -1));
    });
    connection.client.on('runs.order', ({ ids }) => {
      this.order = ids;
    });
    connection.client.on('runs.progress', (progress) => {
      this.progress = progress;
    });
    connection.onReopen(() => void this.load());
  }

  async load(): Promise<void> {
    const { runs } = this.connection.client.api;
    [this.list, { ids: this.order }] = await Promise.all([runs.list({}), runs.order()]);
  }

  /** Of every project, the next one first. */
  get waiting(): readonly Run[] {
    const waiting = this.list?.filter(({ status }) => status === 'queued').reverse() ?? [];
    const place = ({ id }: Run) => (this.order.includes(id) ? this.order.indexOf(id) : this.order.length);
    return waiting.sort((a, b) => place(a) - place(b));
  }

  /** Moves a waiting run to another place in the queue: 0 is next. Shown at once. */
  async move(id: string, place: number): Promise<void> {
    const others = this.waiting.map((run) => run.id).filter((other) => other !== id);
    this.order = others.toSpliced(place, 0, id);
    await this.connection.client.api.runs.arrange({ ids: [...this.order] });
  }

  of(projectId: string): readonly Run[] {
    return this.list?.filter((run) => run.projectId === projectId) ?? [];
  }
}
