/** What recipes take on this device: as measured, or being measured; nothing is guessed. */
import type { DraftRecipe, Estimate, RecipeKind } from '../../engine/contract/messages/recipes.ts';
import type { Connection } from './connection.svelte.ts';

export class Estimates {
  /** How far the measurement is, 0 to 1; undefined where none goes on. */
  progress = $state<number>();
  /** Grows with every measurement, so that what shows an estimate asks again. */
  measured = $state(0);
  private readonly connection: Connection;
  private stop: AbortController | undefined;

  private readonly kind: RecipeKind;

  constructor(connection: Connection, kind: RecipeKind) {
    this.connection = connection;
    this.kind = kind;
  }

  /** Null where it was not measured. @throws StudioError 'recipe-invalid'. */
  async of(recipe: DraftRecipe): Promise<Estimate | null> {
    return this.connection.client.api.recipes.estimate({ kind: this.kind, recipe });
  }

  /** @throws StudioError 'busy' while a run trains, 'cancelled'. */
  async measure(recipe: DraftRecipe): Promise<void> {
    this.stop = new AbortController();
    this.progress = 0;
    try {
      await this.connection.client.api.recipes.measure(
        { kind: this.kind, recipe },
        { signal: this.stop.signal, onProgress: (done, total) => (this.progress = done / total) },
      );
      this.measured++;
    } finally {
      this.progress = undefined;
    }
  }

  cancel(): void {
    this.stop?.abort();
  }
}
