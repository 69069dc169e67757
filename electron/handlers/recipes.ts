/** Drafts of recipes: kept whatever they say, with the first thing that is wrong. */
import type { DraftRecipe, RecipeKind, recipeRequests } from '../../engine/contract/messages/recipes.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { toFailure } from '../bridge/frames.ts';
import { requireReferences } from '../features/references.ts';
import { keepDraft, readDraft } from '../store/drafts.ts';
import type { HostContext } from './context.ts';

export function recipeHandlers({ store }: Pick<HostContext, 'store'>): DomainHandlers<typeof recipeRequests> {
  return {
    async draft({ projectId, kind }) {
      const kept = await readDraft(store, projectId, kind);
      const recipe = kept?.recipe ?? {};
      return { kind, recipe, problem: problemOf(kind, recipe), savedAt: kept?.savedAt ?? null };
    },
    async save({ projectId, kind, recipe }) {
      const { savedAt } = await keepDraft(store, projectId, kind, recipe);
      return { kind, recipe, problem: problemOf(kind, recipe), savedAt };
    },
  };
}

/** The recipe with its defaults. @throws StudioError 'recipe-invalid' that names the first field at fault. */
export function completeRecipe(kind: RecipeKind, recipe: DraftRecipe) {
  const parsed = kind === 'teacher' ? parseTeacherRecipe(recipe) : parseRecipe(recipe);
  requireReferences(recipe);
  return parsed;
}

function problemOf(kind: RecipeKind, recipe: DraftRecipe) {
  try {
    completeRecipe(kind, recipe);
    return null;
  } catch (error) {
    return toFailure(error);
  }
}
