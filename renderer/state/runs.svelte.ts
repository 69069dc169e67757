/** Runs of every project as the host last told, and how far the one that trains is. */
import type { Run, RunProgress } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';

export class Runs {
  /** Newest first; undefined until the host answered once. */
  list = $state.raw<readonly Run[]>();
  progress = $state.raw<RunProgress>();
  readonly active = $derived(this.list?.find(({ status }) => status === 'running'));
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('runs.changed', (run) => {
      const others = (this.list ?? []).filter(({ id }) => id !== run.id);
      // Ids grow with time.
      this.list = [run, ...others].sort((a, b) => (a.id < b.id ? 1 : -1));
    });
    connection.client.on('runs.progress', (progress) => {
      this.progress = progress;
    });
    connection.onReopen(() => void this.load());
  }

  async load(): Promise<void> {
    this.list = await this.connection.client.api.runs.list({});
  }

  of(projectId: string): readonly Run[] {
    return this.list?.filter((run) => run.projectId === projectId) ?? [];
  }
}
