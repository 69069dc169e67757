/** What a model says of itself on disk: the schema of `model.json`. */
import { z } from 'zod';
import { StudioError } from './errors.ts';
import { studentSolvers } from './studentSampling.ts';

/** Files come from strangers: what is larger than any model of ours is refused before anything is made of it. */
const upTo = (most: number) => z.int().positive().max(most);
const networkSchema = z.discriminatedUnion('family', [
  z.strictObject({
    family: z.literal('dit'),
    size: upTo(1024),
    channels: upTo(64),
    patch: upTo(64),
    width: upTo(4096),
    layers: upTo(256),
    heads: upTo(256),
    classes: z.int().nonnegative().max(65_536),
    captions: z
      .strictObject({
        vocabulary: upTo(65_536),
        length: upTo(1024),
        width: upTo(4096),
        layers: upTo(256),
        heads: upTo(256),
      })
      .nullable(),
  }),
  z.strictObject({
    family: z.literal('mlp'),
    dimensions: upTo(64),
    width: upTo(4096),
    layers: upTo(256),
    classes: z.int().nonnegative().max(65_536),
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
  /** The times from which each of several networks answers, rising, the first 0; left out by a model of one network. */
  experts: z.array(z.number().min(0).max(1)).min(2).max(8).exactOptional(),
  /** How it was made: recipe, iterations, seconds, backend. */
  made: z.record(z.string(), z.json()),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;

/** @throws StudioError 'input-invalid' for a student, which knows the noise levels of its own steps alone. */
export function requireTeacher({ name, role }: Pick<ModelInfo, 'name' | 'role'>): void {
  if (role === 'teacher') return;
  throw new StudioError(
    'input-invalid',
    `“${name}” is a student, which knows the noise levels of its own steps alone and cannot teach.`,
    'Choose the teacher that it was distilled from, or another.',
    { field: 'teacher' },
  );
}
