/** Drafts: the recipe of each kind that a person works on in a project. */
import { z } from 'zod';
import {
  draftRecipeSchema,
  type DraftRecipe,
  type RecipeKind,
} from '../../engine/contract/messages/recipes.ts';
import type { Store } from './database.ts';
import { getProject } from './projects.ts';

export interface KeptDraft {
  readonly recipe: DraftRecipe;
  readonly savedAt: string;
}

/** Undefined as long as nothing was saved. Throws 'not-found' for an unknown project. */
export async function readDraft(
  store: Store,
  projectId: string,
  kind: RecipeKind,
): Promise<KeptDraft | undefined> {
  await getProject(store, projectId);
  const row = await store.database
    .selectFrom('drafts')
    .select(['recipe', 'savedAt'])
    .where('projectId', '=', projectId)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row && { recipe: z.parse(draftRecipeSchema, JSON.parse(row.recipe)), savedAt: row.savedAt };
}

/** Throws 'not-found' for an unknown project. */
export async function keepDraft(
  store: Store,
  projectId: string,
  kind: RecipeKind,
  recipe: DraftRecipe,
): Promise<KeptDraft> {
  await getProject(store, projectId);
  const savedAt = new Date().toISOString();
  const row = { projectId, kind, recipe: JSON.stringify(recipe), savedAt };
  await store.database.replaceInto('drafts').values(row).execute();
  return { recipe, savedAt };
}
