/** Recipe drafts of a project, right or not yet, and what a recipe costs here. Presets are `contract/presets.ts`. */
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

const bytes = z.number().nonnegative();

/** What a training takes on this computer, from iterations that its engine really made. */
export const estimateSchema = z.strictObject({
  secondsPerIteration: z.number().positive(),
  /** All iterations and distances, without what sampling and saving add. */
  seconds: z.number().positive(),
  /** The part of it in which the student's distance is measured at its checkpoints. */
  distanceSeconds: z.number().nonnegative(),
  /** Of the engine's process while it trains. */
  memoryBytes: bytes,
  /** The finished model, and as many checkpoints as are kept. */
  diskBytes: bytes,
  measuredAt: time,
});
export type Estimate = z.infer<typeof estimateSchema>;

const training = z.strictObject({ kind, recipe: draftRecipeSchema });

export const recipeRequests = {
  /** The project's draft; an empty one, which means every default, where there is none. */
  draft: request(z.strictObject({ projectId: id, kind }), draftSchema),
  /** Keeps the draft as it is, right or wrong, and says what is wrong. */
  save: request(z.strictObject({ projectId: id, kind, recipe: draftRecipeSchema }), draftSchema),
  /**
   * What a training by this recipe takes; null as long as none of its cost was measured with the engine
   * of now. @throws 'recipe-invalid'.
   */
  estimate: request(training, estimateSchema.nullable()),
  /**
   * Makes some iterations by this recipe, keeps what they took and nothing else. Reports progress, can be
   * cancelled. @throws 'recipe-invalid', 'busy' while a run trains.
   */
  measure: request(training, estimateSchema),
};
