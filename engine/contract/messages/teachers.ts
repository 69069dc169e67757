/** Teachers: those that come with Stillroom, those trained here or added, and pictures of them. */
import { z } from 'zod';
import { event, id, mediaId, nothing, request } from './define.ts';

/** As a recipe's `teacher` names it: `emoji`, `toy`, `run:<id>` for one trained here, `model:<id>` for one added. */
const teacherName = z.string().min(1).max(80);

/** How far the condition moves the model's predictions; what it means: `engine/distillation/guidanceUse.ts`. */
export const guidanceMeasureSchema = z.strictObject({ push: z.number(), stray: z.number() });

export const teacherSchema = z.strictObject({
  teacher: teacherName,
  name: z.string(),
  origin: z.enum(['bundled', 'trained', 'added']),
  /** A student can be sampled here, but is no teacher. */
  role: z.enum(['teacher', 'student']),
  /** A student's own; null for a teacher, which takes as many as it is asked for. */
  steps: z.int().positive().nullable(),
  /** Null unless it was trained here. */
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
  guidance: z.enum(['usable', 'weak', 'untrained', 'no-condition', 'unknown']),
  /** What that is known from; null as long as `examine` was not asked, or where there is no condition. */
  measured: guidanceMeasureSchema.nullable(),
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
  /**
   * Copies a model that was chosen, dropped or uploaded into the data folder and examines it; the same weights are
   * kept once. Reports progress, can be cancelled. @throws 'file-invalid' for anything else, 'disk-full'.
   */
  add: request(z.strictObject({ source: id }), teacherSchema),
  /** Measures its guidance, once; waits for the iteration that a run is in. */
  examine: request(z.strictObject({ teacher: teacherName }), teacherSchema),
  /** Deletes the copy of an added one. @throws 'busy' while a run names it. */
  discard: request(z.strictObject({ teacher: teacherName }), nothing),
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

export const teacherEvents = {
  /** One came or went, or was examined; ask for the list again. */
  changed: event(nothing),
};
