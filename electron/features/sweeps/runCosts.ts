/** What the parts of a distillation, and measuring its teacher, take on this computer, in seconds. */
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

export const teacherCostsSchema = z.strictObject({
  /** The samples of a seed with which all others are compared. */
  referenceSeconds: seconds,
  /** Samples in some steps, measured and shown: whatever their steps are, and for each evaluation of the network. */
  sampleSeconds: seconds,
  evaluationSeconds: seconds,
});
export type TeacherCosts = z.infer<typeof teacherCostsSchema>;

/** Of the reference's samples. */
export const REFERENCE_STEPS = 50;
