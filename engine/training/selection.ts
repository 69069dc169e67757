/** Which checkpoint of a run is the best so far, and for how long; kept in each checkpoint, so that a resumed run decides alike. */
import { z } from 'zod';

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
