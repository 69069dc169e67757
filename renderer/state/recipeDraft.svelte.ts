/** The distillation recipe that a person works on: kept by the host whatever it says, judged here as it is typed. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Draft, DraftRecipe } from '../../engine/contract/messages/recipes.ts';
import { parseRecipe, recipeSchema, type Recipe } from '../../engine/contract/recipe.ts';
import { recipeAdvice } from '../../engine/contract/recipeAdvice.ts';
import { recipeLeaves, recipeProblems, type RecipeLeaf } from '../../engine/contract/recipeProblems.ts';
import { byPath } from './byPath.ts';
import type { Connection } from './connection.svelte.ts';
import { settingAt, withSetting, type Setting } from './settingAt.ts';

/** Milliseconds of rest before what was typed is saved. */
const REST = 250;
/** Milliseconds between tries while the host is away. */
const RETRY = 2000;
const UNDO_AT_MOST = 50;

export class RecipeDraft {
  /** Settings as typed, those left out at their defaults; undefined until the host answered. */
  values = $state.raw<DraftRecipe>();
  saving = $state(false);
  /** What only the host can judge: whether teacher and data exist. */
  private refused = $state.raw<{ readonly path: string; readonly message: string }>();
  /** Sentences by path. */
  readonly problems = $derived(
    byPath([...(this.refused ? [this.refused] : []), ...recipeProblems(this.values ?? {})]),
  );
  /** Complete; undefined while anything is wrong. */
  readonly recipe = $derived(this.problems.size === 0 ? parseRecipe(this.values ?? {}) : undefined);
  /** For pictures: complete even while something is wrong, which then stands at its default. */
  readonly shown: Recipe = $derived(withoutFaults(this.values ?? {}));
  readonly advice = $derived(byPath(this.recipe ? recipeAdvice(this.recipe) : []));
  private undoable = $state.raw<readonly DraftRecipe[]>([]);
  readonly canUndo = $derived(this.undoable.length > 0);
  private readonly connection: Connection;
  private readonly projectId: string;
  private lastPaths: string | undefined;
  private timer: number | undefined;
  private saved: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, projectId: string) {
    this.connection = connection;
    this.projectId = projectId;
  }

  async load(): Promise<void> {
    const draft = await this.api.draft({ projectId: this.projectId, kind: 'distillation' });
    this.values = draft.recipe;
    this.hear(draft);
  }

  /** As typed, or its default. */
  get(path: string): Setting {
    return settingAt(this.values ?? {}, path) ?? defaults.get(path) ?? null;
  }

  set(path: string, value: Setting): void {
    this.change({ [path]: value });
  }

  /** Settings by dotted path, all at once. */
  change(changes: DraftRecipe): void {
    // One drag or one word is one step back.
    const paths = Object.keys(changes).join();
    if (this.lastPaths !== paths) this.remember();
    this.lastPaths = paths;
    this.values = Object.entries(changes).reduce<DraftRecipe>(
      (values, [path, value]) => withSetting(values, path, value),
      this.values ?? {},
    );
    this.saveSoon();
  }

  /** Another recipe in place of this one. */
  replace(values: DraftRecipe): void {
    this.remember();
    this.lastPaths = undefined;
    this.values = values;
    this.saveSoon();
  }

  undo(): void {
    const before = this.undoable.at(-1);
    if (!before) return;
    this.undoable = this.undoable.slice(0, -1);
    this.lastPaths = undefined;
    this.values = before;
    this.saveSoon();
  }

  /** Resolves when what was typed is kept; called before a run starts and when the view goes. */
  async flush(): Promise<void> {
    if (this.timer !== undefined) this.save();
    await this.saved;
  }

  private remember(): void {
    this.undoable = [...this.undoable, this.values ?? {}].slice(-UNDO_AT_MOST);
  }

  private saveSoon(): void {
    this.saving = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), REST);
  }

  private save(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    const recipe = this.values ?? {};
    // In order: an older state must not arrive after a newer one.
    const saving = this.saved
      .catch(() => undefined)
      .then(() => this.api.save({ projectId: this.projectId, kind: 'distillation', recipe }));
    this.saved = saving;
    saving.then(
      (draft) => {
        this.hear(draft);
        if (this.timer === undefined && this.saved === saving) this.saving = false;
      },
      (error: unknown) => {
        // What was typed while the host is away waits for it.
        if (error instanceof StudioError && error.code === 'connection-lost' && this.timer === undefined)
          this.timer = window.setTimeout(() => this.save(), RETRY);
      },
    );
  }

  private hear({ problem }: Draft): void {
    const field = problem?.field;
    this.refused =
      problem && (field === 'teacher' || field === 'data')
        ? { path: field, message: problem.message }
        : undefined;
  }

  private get api() {
    return this.connection.client.api.recipes;
  }
}

const defaults = new Map<string, Setting>(
  recipeLeaves.map(({ path, bounds }) => [path, bounds.kind === 'fixed' ? 1 : bounds.default]),
);

/** Every setting that is right by itself, defaults for the rest. */
function withoutFaults(values: DraftRecipe): Recipe {
  const right = (leaf: RecipeLeaf) => {
    const value = settingAt(values, leaf.path);
    return value !== undefined && leaf.schema.safeParse(value).success ? [[leaf.path, value] as const] : [];
  };
  const kept = recipeLeaves
    .flatMap(right)
    .reduce<DraftRecipe>((recipe, [path, value]) => withSetting(recipe, path, value), {});
  return recipeSchema.parse(kept);
}
