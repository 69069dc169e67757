/** Drafts of recipes, kept whatever they say with the first thing that is wrong; what a recipe costs here. */
import type { DraftRecipe, RecipeKind, recipeRequests } from '../../engine/contract/messages/recipes.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { toFailure } from '../bridge/frames.ts';
import { keepMeasurement, measuredEstimate } from '../features/measurements.ts';
import { requireReferences, withLocations } from '../features/references.ts';
import { keepDraft, readDraft } from '../store/drafts.ts';
import type { HostContext } from './context.ts';

export function recipeHandlers({
  store,
  engine,
}: Pick<HostContext, 'store' | 'engine'>): DomainHandlers<typeof recipeRequests> {
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
    estimate: ({ recipe }) => measuredEstimate(store, engine.state.backend, completeDistillation(recipe)),
    async measure({ recipe: given }, { signal, progress }) {
      const recipe = completeDistillation(given);
      const located = await withLocations(store, given);
      const measured = await engine.api.measureIterations(
        { recipe: located },
        { signal, onProgress: progress },
      );
      return keepMeasurement(store, engine.state.backend, recipe, measured);
    },
  };
}

function completeDistillation(recipe: DraftRecipe) {
  const parsed = parseRecipe(recipe);
  requireReferences(recipe);
  return parsed;
}

/** The recipe with its defaults. @throws StudioError 'recipe-invalid' that names the first field at fault. */
export function completeRecipe(kind: RecipeKind, recipe: DraftRecipe) {
  if (kind === 'distillation') return completeDistillation(recipe);
  const parsed = parseTeacherRecipe(recipe);
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
