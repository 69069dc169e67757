/**
 * Which checkpoint of a run is the best so far, and for how long; kept in each checkpoint, so that a resumed run decides
 * alike. A fork has its parent's history until it began: the best of that is the first that it has to beat.
 */
import { z } from 'zod';
import { aimedGuidance, recipeSchema, type Recipe } from '../contract/recipe.ts';
import { expertStarts, studentSampling } from '../contract/studentSampling.ts';
import type { CheckpointState } from './checkpoint.ts';

export const selectionSchema = z.object({
  /** At the newest checkpoint that was measured. */
  distance: z.number(),
  best: z.object({ step: z.int().nonnegative(), distance: z.number() }),
  /** Checkpoints measured since the best. */
  since: z.int().nonnegative(),
});
export type Selection = z.infer<typeof selectionSchema>;

/** Takes in the distance measured at `step`; what is not finite counts as farthest, and JSON can hold it. */
export function selected(before: Selection | undefined, step: number, measured: number): Selection {
  const distance = Number.isFinite(measured) ? measured : Number.MAX_VALUE;
  return before === undefined || distance < before.best.distance
    ? { distance, best: { step, distance }, since: 0 }
    : { distance, best: before.best, since: before.since + 1 };
}

/** What a checkpoint says of the run that made it, or a run of itself. */
export type Described = Readonly<Omit<CheckpointState, 'version' | 'step'>>;

/**
 * What a run knows that goes on from a checkpoint: its own choice as it was; of another run's the best, with patience
 * anew, where both measure alike.
 */
export function selectionAt(state: Described, own: Described): Selection | undefined {
  const selection = selectionSchema.optional().parse(state['selection']);
  const [before, now] = [recipeOf(state), recipeOf(own)];
  if (!selection || !before || !now || isOfSameRun(state, own)) return selection;
  const isComparable = subjectOf(before, state['teacher']) === subjectOf(now, own['teacher']);
  return isComparable ? { ...selection, since: 0 } : undefined;
}

/** Whether two runs' distances are of the same thing: their students sample alike, and aim at the same. */
export const measuresAlike = (one: Recipe, other: Recipe): boolean =>
  subjectOf(one, one.teacher) === subjectOf(other, other.teacher);

/** @param teacher its name in recipes, or its hash. */
function subjectOf(recipe: Recipe, teacher: unknown): string {
  const { data, training } = recipe;
  const sampling = studentSampling(recipe, training.iterations);
  return JSON.stringify([teacher, data, sampling, expertStarts(recipe), aimedGuidance(recipe)]);
}

/** Whether the run itself made the checkpoint. Where teacher and data lie may have changed since. */
export function isOfSameRun(state: Described, own: Described): boolean {
  const told = [state, own].map((one) => JSON.stringify({ ...recipeOf(one), teacher: '', data: '' }));
  return told[0] === told[1];
}

/** Undefined where a run has none, as a teacher's training. */
const recipeOf = ({ recipe }: Described): Recipe | undefined => recipeSchema.safeParse(recipe).data;
