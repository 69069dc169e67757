/** Teachers: those that come with Stillroom, those trained here, and pictures of them. */
import { z } from 'zod';
import { id, mediaId, nothing, request } from './define.ts';

/** As a recipe's `teacher` names it: `emoji`, `toy`, or `run:<id>` for one trained here. */
const teacherName = z.string().min(1).max(80);

export const teacherSchema = z.strictObject({
  teacher: teacherName,
  name: z.string(),
  origin: z.enum(['bundled', 'trained']),
  /** Null for one that is bundled. */
  runId: id.nullable(),
  family: z.enum(['dit', 'mlp']),
  /** Height = width in pixels; 0 for a toy of points. */
  size: z.int().nonnegative(),
  parameters: z.int().positive(),
  classNames: z.array(z.string()),
  readsCaptions: z.boolean(),
  /** The pictures it was trained on, as a recipe's `data` names them; null where that is not known. */
  data: z.string().nullable(),
  /** Whether guidance can work, and why not. CA needs it: it is guidance that a student learns. */
  guidance: z.enum(['usable', 'no-dropout', 'no-condition', 'unknown']),
});
export type Teacher = z.infer<typeof teacherSchema>;

export const teacherSampleSchema = z.strictObject({
  /** One a caption or class, in order; a toy has one picture of all its points. */
  pictures: z.array(z.strictObject({ media: mediaId, caption: z.string() })),
  evaluations: z.int(),
  seconds: z.number(),
});
export type TeacherSample = z.infer<typeof teacherSampleSchema>;

export const teacherRequests = {
  list: request(nothing, z.array(teacherSchema)),
  /** Pictures of one teacher; waits for the iteration that a run is in. Reports progress, can be cancelled. */
  sample: request(
    z.strictObject({
      teacher: teacherName,
      /** Captions, or classes of a teacher that reads none; empty: one of every class. */
      prompts: z.array(z.string().max(500)).max(64),
      seed: z.int().min(0).max(0x7fffffff),
      guidance: z.number().min(1).max(30),
      steps: z.int().min(1).max(200),
    }),
    teacherSampleSchema,
  ),
};
