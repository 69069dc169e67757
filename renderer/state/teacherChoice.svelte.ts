/** Which teacher the open project distils: kept in its distillation recipe, with the pictures that go with it. */
import type { Teacher } from '../../engine/contract/messages/teachers.ts';
import type { Connection } from './connection.svelte.ts';

export class TeacherChoice {
  /** Undefined as long as nothing was chosen. */
  teacher = $state<string>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async load(projectId: string | undefined): Promise<void> {
    const recipe = projectId === undefined ? {} : (await this.draft(projectId)).recipe;
    this.teacher = typeof recipe['teacher'] === 'string' ? recipe['teacher'] : undefined;
  }

  async save(projectId: string, { teacher, data }: Teacher): Promise<void> {
    const { recipe } = await this.draft(projectId);
    await this.connection.client.api.recipes.save({
      ...{ projectId, kind: 'distillation' },
      recipe: { ...recipe, teacher, ...(data !== null && { data }) },
    });
    this.teacher = teacher;
  }

  private draft(projectId: string) {
    return this.connection.client.api.recipes.draft({ projectId, kind: 'distillation' });
  }
}
