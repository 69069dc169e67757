/** Drafts of recipes, kept whatever they say with the first thing that is wrong; what a recipe costs here. */
import type { DraftRecipe, RecipeKind, recipeRequests } from '../../engine/contract/messages/recipes.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { toFailure } from '../bridge/frames.ts';
import { keepMeasurement, measuredEstimate, type Work } from '../features/measurements.ts';
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
    estimate: ({ kind, recipe }) => measuredEstimate(store, engine.state.backend, workOf(kind, recipe)),
    async measure({ kind, recipe }, { signal, progress }) {
      const work = workOf(kind, recipe);
      const located = await withLocations(store, recipe);
      const measured = await engine.api.measureIterations(
        { kind, recipe: located },
        { signal, onProgress: progress },
      );
      return keepMeasurement(store, engine.state.backend, work, measured);
    },
  };
}

function workOf(kind: RecipeKind, recipe: DraftRecipe): Work {
  const work =
    kind === 'distillation'
      ? ({ kind, recipe: parseRecipe(recipe) } as const)
      : ({ kind, recipe: parseTeacherRecipe(recipe) } as const);
  requireReferences(recipe);
  return work;
}

/** The recipe with its defaults. @throws StudioError 'recipe-invalid' that names the first field at fault. */
export const completeRecipe = (kind: RecipeKind, recipe: DraftRecipe) => workOf(kind, recipe).recipe;

function problemOf(kind: RecipeKind, recipe: DraftRecipe) {
  try {
    completeRecipe(kind, recipe);
    return null;
  } catch (error) {
    return toFailure(error);
  }
}
