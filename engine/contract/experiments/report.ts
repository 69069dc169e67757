/** What a sweep found, as plain data: windows, pages and tables all show this. */
import { z } from 'zod';
import { intervalSchema } from '../interval.ts';
import { mediaId, time } from '../messages/define.ts';
import { draftRecipeSchema } from '../messages/recipes.ts';
import { verdicts } from './claim.ts';

const values = z.record(z.string(), z.number());

const cellSchema = z.strictObject({
  seed: z.int(),
  /** Null for a baseline, and before it is begun. */
  runId: z.uuid().nullable(),
  status: z.enum(['waiting', 'queued', 'running', 'paused', 'done', 'failed']),
  /** Why it failed. */
  problem: z.string().nullable(),
  /** At the last iteration that was measured, and the best of all that were. */
  final: values,
  best: values,
  /** Measures over the iterations: [iteration, value]. */
  curves: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  /** The last picture of its samples. */
  picture: mediaId.nullable(),
  /** What teacher and fake score see of them, by τ. */
  views: z.array(
    z.strictObject({ tau: z.number(), role: z.enum(['student', 'teacher', 'fake']), media: mediaId }),
  ),
});
export type ReportCell = z.infer<typeof cellSchema>;

const rowSchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  /** The teacher itself rather than a student. */
  isBaseline: z.boolean(),
  /** By dotted path; empty for a baseline. */
  changes: draftRecipeSchema,
  cells: z.array(cellSchema),
  /** Over the seeds that are done, by measure. */
  summary: z.record(z.string(), intervalSchema),
});
export type ReportRow = z.infer<typeof rowSchema>;

export const reportSchema = z.strictObject({
  format: z.literal('stillroom-sweep'),
  version: z.literal(1),
  name: z.string(),
  createdAt: time,
  experiment: z.string().nullable(),
  claim: z.string().nullable(),
  source: z.string().nullable(),
  teacher: z.string(),
  seeds: z.array(z.int()),
  samples: z.int(),
  recipe: draftRecipeSchema,
  /** In the order in which they are shown. */
  measures: z.array(z.string()),
  rows: z.array(rowSchema),
  judgements: z.array(
    z.strictObject({
      text: z.string(),
      verdict: z.enum(verdicts),
      left: intervalSchema.nullable(),
      is: z.enum(['above', 'below']),
      right: intervalSchema.nullable(),
      /** Left less right, seed by seed. */
      difference: intervalSchema.nullable(),
    }),
  ),
  /** Null where nothing is claimed. */
  verdict: z.enum(verdicts).nullable(),
  progress: z.strictObject({ done: z.int(), total: z.int() }),
  /** How and where it was made; null as far as it is not known. */
  made: z
    .strictObject({
      ...{ command: z.string(), engine: z.string(), seconds: z.number() },
      /** Null on a cluster. */
      estimated: z.number().nullable(),
    })
    .nullable(),
});
export type Report = z.infer<typeof reportSchema>;
