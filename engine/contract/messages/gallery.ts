/** The gallery: pictures of several models from the same noise, what people think of them, and what is measured. */
import { z } from 'zod';
import { event, id, mediaId, nothing, request, time } from './define.ts';

/** A bundled teacher, the finished model of a run, or the model as one checkpoint kept it. */
const modelName = z.string().regex(/^(?:emoji|toy|(?:run|checkpoint):[0-9a-f-]{36})$/);

/** One model sampled in one way. */
export const columnSchema = z.strictObject({
  model: modelName,
  steps: z.int().min(1).max(200),
  /** Null for a student: its guidance is within it. */
  guidance: z.number().min(1).max(30).nullable(),
});
export type Column = z.infer<typeof columnSchema>;

export const columnKey = ({ model, steps, guidance }: Column): string =>
  `${model} ${steps} ${guidance ?? ''}`;

export const sourceSchema = z.strictObject({
  model: modelName,
  name: z.string(),
  role: z.enum(['teacher', 'student']),
  /** Whom a student was distilled from; a teacher names itself. */
  teacher: z.string(),
  runId: id.nullable(),
  /** Of a checkpoint; null for a finished model. */
  iteration: z.int().nullable(),
  /** The checkpoint of its run that came nearest to what the student should be. */
  best: z.boolean(),
  /** A student's own; what is proposed for a teacher. */
  steps: z.int(),
  family: z.enum(['dit', 'mlp']),
  classNames: z.array(z.string()),
  readsCaptions: z.boolean(),
});
export type Source = z.infer<typeof sourceSchema>;

export const itemSchema = z.strictObject({
  id,
  column: columnSchema,
  /** The model's name when the picture was made. */
  name: z.string(),
  iteration: z.int().nullable(),
  /** A caption or class; empty for a toy. */
  prompt: z.string(),
  seed: z.int(),
  evaluations: z.int(),
  /** 0: not rated. */
  rating: z.int().min(0).max(5),
  createdAt: time,
});
export type Item = z.infer<typeof itemSchema>;
/** Its picture's media id. */
export const itemMedia = (item: Pick<Item, 'id'>): string => `items/${item.id}`;

export const measurementSchema = z.strictObject({
  column: columnSchema,
  /** As `ImageMetrics` names them. */
  values: z.record(z.string(), z.number()),
  /** Pictures that were measured. */
  count: z.int(),
  measuredAt: time,
});
export type Measurement = z.infer<typeof measurementSchema>;

const side = z.strictObject({ column: columnSchema, name: z.string(), wins: z.int() });

export const blindTestSchema = z.strictObject({
  id,
  judged: z.int(),
  total: z.int(),
  /** Null when all is judged or the test was ended. */
  next: z.strictObject({ pairId: id, prompt: z.string(), left: mediaId, right: mediaId }).nullable(),
  /** Which was which is told at the end only. */
  result: z
    .strictObject({
      first: side,
      second: side,
      ties: z.int(),
      /** Two-sided exact binomial: how often equals would come out at least this uneven; ties are left out. */
      chance: z.number(),
    })
    .nullable(),
});
export type BlindTest = z.infer<typeof blindTestSchema>;

export const raceSchema = z.strictObject({
  id,
  lanes: z.array(
    z.strictObject({
      column: columnSchema,
      name: z.string(),
      evaluations: z.int(),
      /** `at`: seconds from the start until it was there, measured. */
      pictures: z.array(z.strictObject({ media: mediaId, at: z.number() })),
    }),
  ),
});
export type Race = z.infer<typeof raceSchema>;

/** WebP keeps every colour; GIF is shown everywhere. */
export const clipFormatSchema = z.enum(['webp', 'gif']);
export type ClipFormat = z.infer<typeof clipFormatSchema>;

const prompt = z.string().max(500);
const prompts = z.array(prompt).max(64);
const seed = z.int().min(0).max(0x7fffffff);

/** One picture of a student, as the live instrument asks for it. */
export const playedSchema = z.strictObject({
  steps: z.int().min(1).max(8),
  /** A class or a caption. */
  prompt,
  seed,
  /** Mixes the noise along the sphere with that of another seed: share 0 is none of it, 1 nothing else. */
  towards: z.strictObject({ seed, share: z.number().min(0).max(1) }).nullable(),
});
export type Played = z.infer<typeof playedSchema>;

export const instantSchema = z.strictObject({
  width: z.int(),
  height: z.int(),
  /** Red, green, blue, row by row, a byte each. */
  pixels: z.base64(),
  evaluations: z.int(),
  /** Measured on the device, from the noise to the pixels. */
  milliseconds: z.number(),
});
export type Instant = z.infer<typeof instantSchema>;

/** What a saved picture reopens. */
const originSchema = z.strictObject({
  projectId: id,
  model: modelName,
  seed: z.int(),
  /** Empty where none was asked for. */
  prompt: z.string(),
});
export type PictureOrigin = z.infer<typeof originSchema>;

/** Bytes of the largest picture that is saved here, with its recipe. */
export const LARGEST_PICTURE = 512 * 2 ** 10;
/** Bytes of a picture that is told with others. */
export const SMALL_PICTURE = 32 * 2 ** 10;
const inProject = z.strictObject({ projectId: id });
const ids = z.array(id).min(1).max(20_000);

export const galleryRequests = {
  /** What can be sampled: bundled teachers, and models and checkpoints of the project's runs. */
  sources: request(inProject, z.array(sourceSchema)),
  list: request(
    inProject,
    z.strictObject({ items: z.array(itemSchema), measurements: z.array(measurementSchema) }),
  ),
  /** Files of small pictures, many at once; null for one that is large or not there. */
  pictures: request(
    z.strictObject({ ids: z.array(id).min(1).max(128) }),
    z.array(
      z
        .base64()
        .max(Math.ceil(SMALL_PICTURE / 3) * 4)
        .nullable(),
    ),
  ),
  /** Makes every picture of the grid that is not there yet, each seed from its own noise. @throws 'input-invalid'. */
  render: request(
    z.strictObject({
      projectId: id,
      columns: z.array(columnSchema).min(1).max(24),
      /** Empty: every class. A toy shows all of its classes in one picture. */
      prompts,
      seeds: z.array(seed).min(1).max(256),
    }),
    z.strictObject({ made: z.int() }),
  ),
  /** The live instrument's picture; nothing is kept. @throws 'input-invalid' for teachers and toys. */
  play: request(z.strictObject({ ...playedSchema.shape, model: modelName }), instantSchema),
  /**
   * Which student made a saved picture; `png` are the file's bytes.
   * @throws 'input-invalid' for a foreign picture, 'file-invalid' for a damaged one, 'not-found' without its student.
   */
  origin: request(z.strictObject({ png: z.base64().max(Math.ceil(LARGEST_PICTURE / 3) * 4) }), originSchema),
  rate: request(z.strictObject({ ids, rating: z.int().min(0).max(5) }), nothing),
  /** Into the trash. The answer names the entry, for undo. */
  discard: request(z.strictObject({ ids }), z.strictObject({ trashId: id })),
  /** Against the teacher's own samples, which are made first; reports progress. @throws 'input-invalid' for toys. */
  measure: request(
    z.strictObject({
      projectId: id,
      teacher: columnSchema,
      columns: z.array(columnSchema).max(23),
      count: z.int().min(16).max(4096),
    }),
    z.array(measurementSchema),
  ),
  /** Pairs of two columns' pictures for the same prompt and seed. @throws 'input-invalid' where they share none. */
  startBlindTest: request(
    z.strictObject({ projectId: id, first: columnSchema, second: columnSchema }),
    blindTestSchema,
  ),
  judge: request(z.strictObject({ pairId: id, choice: z.enum(['left', 'right', 'tie']) }), blindTestSchema),
  /** Tells the result of what was judged so far; nothing more is asked. */
  endBlindTest: request(z.strictObject({ id }), blindTestSchema),
  /** Each model's pictures made one model after the other and timed, after a warm-up that is not. */
  race: request(
    z.strictObject({ projectId: id, columns: z.array(columnSchema).min(2).max(3), prompts, seed }),
    raceSchema,
  ),
  /** The race as an animated picture at its real speed. @throws 'not-found' for one of an earlier start. */
  raceClip: request(z.strictObject({ id, format: clipFormatSchema }), z.strictObject({ media: mediaId })),
};

export const galleryEvents = {
  /** Pictures or measurements of the project changed; ask for the list again. */
  changed: event(inProject, { keyOf: ({ projectId }) => projectId }),
};
