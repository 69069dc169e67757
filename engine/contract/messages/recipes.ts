/** Recipe drafts of a project: what a person is working on, right or not yet. Presets are `contract/presets.ts`. */
import { z } from 'zod';
import { failureSchema, id, request, time } from './define.ts';

export const recipeKinds = ['distillation', 'teacher'] as const;
export type RecipeKind = (typeof recipeKinds)[number];

/** Settings as typed, with those at fault too: `recipeSchema` or `teacherRecipeSchema` judge them. */
export const draftRecipeSchema = z.record(z.string().max(64), z.json());
export type DraftRecipe = z.infer<typeof draftRecipeSchema>;

const kind = z.enum(recipeKinds);

export const draftSchema = z.strictObject({
  kind,
  recipe: draftRecipeSchema,
  /** The first thing that must be put right before a run can start; its `field` is the recipe's path. */
  problem: failureSchema.nullable(),
  /** Null as long as nothing was saved. */
  savedAt: time.nullable(),
});
export type Draft = z.infer<typeof draftSchema>;

export const recipeRequests = {
  /** The project's draft; an empty one, which means every default, where there is none. */
  draft: request(z.strictObject({ projectId: id, kind }), draftSchema),
  /** Keeps the draft as it is, right or wrong, and says what is wrong. */
  save: request(z.strictObject({ projectId: id, kind, recipe: draftRecipeSchema }), draftSchema),
};
