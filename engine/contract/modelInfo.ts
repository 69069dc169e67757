/** What a model says of itself on disk: the schema of `model.json`. */
import { z } from 'zod';
import { studentSolvers } from './studentSampling.ts';

const positive = z.int().positive();
const networkSchema = z.discriminatedUnion('family', [
  z.strictObject({
    family: z.literal('dit'),
    size: positive,
    channels: positive,
    patch: positive,
    width: positive,
    layers: positive,
    heads: positive,
    classes: z.int().nonnegative(),
    captions: z
      .strictObject({
        vocabulary: positive,
        length: positive,
        width: positive,
        layers: positive,
        heads: positive,
      })
      .nullable(),
  }),
  z.strictObject({
    family: z.literal('mlp'),
    dimensions: positive,
    width: positive,
    layers: positive,
    classes: z.int().nonnegative(),
  }),
]);

/** What `model.json` says. */
export const modelInfoSchema = z.strictObject({
  version: z.literal(1),
  role: z.enum(['teacher', 'student']),
  name: z.string(),
  network: networkSchema,
  /** σ of the preconditioning: the data's root mean square. */
  dataDeviation: z.number().positive(),
  classNames: z.array(z.string()),
  /** `CaptionTokeniser.toJSON`; null without captions. */
  tokeniser: z.json().nullable(),
  /** The data's mean image statistics, for the mean–variance regulariser. */
  statistics: z.strictObject({ mean: z.number(), variance: z.number().positive() }),
  /** A student's times, noise first; null for a teacher. */
  times: z.array(z.number()).nullable(),
  /** How a student goes from one of its times to the next. */
  solver: z.enum(studentSolvers).default('re-noise'),
  /** How it was made: recipe, iterations, seconds, backend. */
  made: z.record(z.string(), z.json()),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;
