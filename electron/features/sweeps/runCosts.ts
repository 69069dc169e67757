/** What the parts of a distillation take on this computer, in seconds. */
import { z } from 'zod';

const seconds = z.number().nonnegative();

export const runCostsSchema = z.strictObject({
  /** Opening teacher and data, recording the graphs. */
  startSeconds: seconds,
  iterationSeconds: seconds,
  /** A picture of the student, and measuring it. */
  frameSeconds: seconds,
  /** A checkpoint. */
  saveSeconds: seconds,
});
export type RunCosts = z.infer<typeof runCostsSchema>;
