/** The teacher recipe that a person works on in a project: every change is kept by the host, right or wrong. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Failure } from '../../engine/contract/messages/define.ts';
import type { DraftRecipe } from '../../engine/contract/messages/recipes.ts';
import type { Run } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';
import { settingAt, withSetting, type Setting } from './settingAt.ts';

export class TeacherDraft {
  /** Undefined until it was loaded. */
  recipe = $state.raw<DraftRecipe>();
  /** The first setting at fault. */
  problem = $state.raw<Failure | null>(null);
  private readonly connection: Connection;
  private projectId = '';
  /** Changes follow each other to the host in their order. */
  private last: Promise<void> = Promise.resolve();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async load(projectId: string): Promise<void> {
    this.projectId = projectId;
    this.recipe = undefined;
    const { recipe, problem } = await this.api.recipes.draft({ projectId, kind: 'teacher' });
    if (this.projectId !== projectId) return;
    this.recipe = recipe;
    this.problem = problem;
  }

  /** As it was typed; undefined where the default counts. */
  at(path: string): Setting | undefined {
    return settingAt(this.recipe ?? {}, path);
  }

  /** @throws StudioError where the host cannot keep it. */
  change(path: string, value: Setting): Promise<void> {
    this.recipe = withSetting(this.recipe ?? {}, path, value);
    const { projectId, recipe } = this;
    this.last = this.last
      .catch(() => undefined)
      .then(async () => {
        const { problem } = await this.api.recipes.save({ projectId, kind: 'teacher', recipe });
        if (this.recipe === recipe) this.problem = problem;
      });
    return this.last;
  }

  /** @throws StudioError 'recipe-invalid' with the setting's path as field. */
  async start(): Promise<Run> {
    await this.last;
    const { projectId, recipe } = this;
    try {
      return await this.api.runs.start({ projectId, kind: 'teacher', recipe: recipe ?? {} });
    } catch (error) {
      if (error instanceof StudioError && error.field !== undefined)
        this.problem = { code: error.code, message: error.message, hint: error.hint, field: error.field };
      throw error;
    }
  }

  private get api() {
    return this.connection.client.api;
  }
}
