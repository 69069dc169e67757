/** Which pictures the open project learns from: kept in its teacher recipe. */
import type { Connection } from './connection.svelte.ts';

export class DataChoice {
  /** Undefined as long as nothing was chosen. */
  data = $state<string>();
  size = $state<number>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async load(projectId: string | undefined): Promise<void> {
    const recipe = projectId === undefined ? {} : (await this.draft(projectId)).recipe;
    const { data, size } = recipe;
    this.data = typeof data === 'string' ? data : undefined;
    this.size = typeof size === 'number' ? size : undefined;
  }

  async save(projectId: string, data: string, size: number): Promise<void> {
    const { recipe } = await this.draft(projectId);
    const { api } = this.connection.client;
    await api.recipes.save({ projectId, kind: 'teacher', recipe: { ...recipe, data, size } });
    this.data = data;
    this.size = size;
  }

  private draft(projectId: string) {
    return this.connection.client.api.recipes.draft({ projectId, kind: 'teacher' });
  }
}
