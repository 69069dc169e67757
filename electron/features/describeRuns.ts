/** Runs, checkpoints and frames of the store as windows see them. */
import { draftRecipeSchema, type RecipeKind } from '../../engine/contract/messages/recipes.ts';
import type * as seen from '../../engine/contract/messages/runs.ts';
import { recipeSchema } from '../../engine/contract/recipe.ts';
import { teacherRecipeSchema } from '../../engine/contract/teacherRecipe.ts';
import type { IndexedCheckpoint } from '../store/checkpoints.ts';
import type { Run } from '../store/runs.ts';
import type { Sample } from '../store/tables.ts';
import { captionSeparator } from './runJournal.ts';

/** Only a teacher's recipe lays out a network. */
export function kindOf({ recipe }: Pick<Run, 'recipe'>): RecipeKind {
  return typeof recipe === 'object' && recipe !== null && 'network' in recipe ? 'teacher' : 'distillation';
}

export function asRun(run: Run): seen.Run {
  const { id, projectId, name, status, error, parentRunId, parentStep, createdAt, updatedAt } = run;
  const kind = kindOf(run);
  const schema = kind === 'teacher' ? teacherRecipeSchema : recipeSchema;
  const iterations = schema.safeParse(run.recipe).data?.training.iterations ?? 0;
  return {
    ...{ id, projectId, kind, name, status, iterations, parentRunId, parentStep, createdAt, updatedAt },
    error: error && { ...error },
  };
}

export function asCheckpoint({
  id,
  step,
  bytes,
  createdAt,
  pinned,
  best,
}: Pick<IndexedCheckpoint, keyof seen.Checkpoint>): seen.Checkpoint {
  return { id, step, bytes, createdAt, pinned, best };
}

export function asFrame({ id, runId, step, prompt, seed }: Sample): seen.Frame {
  return { id, runId, step, media: `samples/${id}`, captions: prompt.split(captionSeparator), seed };
}

export const recipeOf = ({ recipe }: Run) => draftRecipeSchema.parse(recipe);
