/** What the open project learns from: pictures are kept in its teacher recipe, prompts in its student's. */
import type { RecipeKind } from '../../engine/contract/messages/recipes.ts';
import type { Connection } from './connection.svelte.ts';

export class DataChoice {
  /** Undefined as long as nothing was chosen. */
  data = $state<string>();
  size = $state<number>();
  /** The text that its student is asked with. */
  prompts = $state<string>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async load(projectId: string | undefined): Promise<void> {
    const drafts =
      projectId === undefined
        ? []
        : await Promise.all([this.draft(projectId, 'teacher'), this.draft(projectId, 'distillation')]);
    const [{ data, size } = {}, student = {}] = drafts.map(({ recipe }) => recipe);
    this.data = typeof data === 'string' ? data : undefined;
    this.size = typeof size === 'number' ? size : undefined;
    this.prompts = promptsOf(student['data']);
  }

  async save(projectId: string, data: string, size: number): Promise<void> {
    const { recipe } = await this.draft(projectId, 'teacher');
    const { api } = this.connection.client;
    await api.recipes.save({ projectId, kind: 'teacher', recipe: { ...recipe, data, size } });
    this.data = data;
    this.size = size;
  }

  async distil(projectId: string, data: string): Promise<void> {
    const kind = 'distillation';
    const { recipe } = await this.draft(projectId, kind);
    await this.connection.client.api.recipes.save({ projectId, kind, recipe: { ...recipe, data } });
    this.prompts = promptsOf(data);
  }

  private draft(projectId: string, kind: RecipeKind) {
    return this.connection.client.api.recipes.draft({ projectId, kind });
  }
}

const promptsOf = (data: unknown) =>
  typeof data === 'string' && data.startsWith('prompts:') ? data : undefined;
