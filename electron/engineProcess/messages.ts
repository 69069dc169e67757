/** What the host and the engine's process say to each other. Windows never see this. */
import { z } from 'zod';
import { backendCandidateSchema } from '../../engine/contract/messages/app.ts';
import {
  event,
  failureSchema,
  id,
  nothing,
  request,
  type Contract,
} from '../../engine/contract/messages/define.ts';
import { instantSchema, playedSchema } from '../../engine/contract/messages/gallery.ts';
import { lab2dRequests } from '../../engine/contract/messages/lab2d.ts';
import { recipeKinds } from '../../engine/contract/messages/recipes.ts';
import { guidanceMeasureSchema } from '../../engine/contract/messages/teachers.ts';
import { sweepSchema } from '../../engine/contract/sweep.ts';
import { runCostsSchema, teacherCostsSchema } from '../features/sweeps/runCosts.ts';

const backendSchema = z.strictObject({
  name: z.string(),
  device: z.string(),
  version: z.string(),
  reason: z.string(),
});

/** Pictures of one run's previews, as names of files in the picture folder; squares in a row. */
const viewsSchema = z.strictObject({
  step: z.int(),
  tau: z.number(),
  captions: z.array(z.string()),
  student: id,
  teacher: id,
  fake: id.nullable(),
});
export type WrittenViews = z.infer<typeof viewsSchema>;

export const journalEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('began'), iteration: z.int() }),
  z.strictObject({
    kind: z.literal('metrics'),
    /** Null stands for a number that is not finite. */
    points: z.array(z.strictObject({ name: z.string(), step: z.int(), value: z.number().nullable() })),
  }),
  z.strictObject({
    kind: z.literal('checkpoint'),
    checkpoint: z.strictObject({
      id,
      step: z.int(),
      sequence: z.int(),
      createdAt: z.string(),
      bytes: z.number(),
      folder: z.string(),
    }),
    /** Id of the run's best, where it is known. */
    best: id.nullable(),
  }),
  z.strictObject({
    kind: z.literal('frame'),
    frame: z.strictObject({
      step: z.int(),
      file: z.string(),
      seed: z.int(),
      captions: z.array(z.string()),
    }),
  }),
  z.strictObject({ kind: z.literal('views'), views: viewsSchema }),
  z.strictObject({
    kind: z.literal('ended'),
    status: z.enum(['done', 'paused', 'failed']),
    error: failureSchema.optional(),
  }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** A folder that the engine may write into, or read from; absolute. */
const folder = z.string().max(4096);

/** What students are measured by; see features/sweeps. */
const measurerPlanSchema = z.strictObject({
  teacher: folder,
  data: folder,
  guidance: z.number(),
  measuring: sweepSchema.shape.measuring,
});

export const trainingSchema = z.strictObject({
  runId: id,
  runFolder: folder,
  /** Pictures that are looked at now and not kept. */
  pictureFolder: folder,
  kind: z.enum(recipeKinds),
  /** Ids of checkpoints that are never pruned. */
  pinned: z.array(id),
  /** As the run keeps it, but with folders where it names things of the data folder. */
  recipe: z.record(z.string(), z.json()),
  /** Measures the student with every frame; pictures of what the others see go into the folder. */
  measuring: z.strictObject({ plan: measurerPlanSchema, pictures: folder }).nullable(),
});
export type Training = z.infer<typeof trainingSchema>;

export const samplingSchema = z.strictObject({
  /** `emoji`, `toy` or a folder. */
  model: folder,
  prompts: z.array(z.string()),
  seed: z.int(),
  guidance: z.number(),
  steps: z.int(),
  pictureFolder: folder,
});
export type Sampling = z.infer<typeof samplingSchema>;

export const baselineMeasuringSchema = z.strictObject({
  plan: measurerPlanSchema,
  steps: z.int(),
  guidance: z.number(),
  seed: z.int(),
  pictureFile: folder,
});
export type BaselineMeasuring = z.infer<typeof baselineMeasuringSchema>;

const sweepRehearsalSchema = z.strictObject({
  plan: measurerPlanSchema,
  seed: z.int(),
  /** One recipe of each kind of run. */
  works: z.record(z.string(), z.record(z.string(), z.json())),
});
export type SweepRehearsal = z.infer<typeof sweepRehearsalSchema>;

export const measurementSchema = z.strictObject({
  secondsPerIteration: z.number().positive(),
  /** Of the student's distance, at each checkpoint of a run that looks after itself; 0 where it is not measured. */
  secondsPerDistance: z.number().nonnegative(),
  /** Most of this process's resident memory after an iteration. */
  memoryBytes: z.number(),
  checkpointBytes: z.number(),
  modelBytes: z.number(),
});
export type Measurement = z.infer<typeof measurementSchema>;

const modelSourceSchema = z.strictObject({
  kind: z.enum(['model', 'checkpoint']),
  folder,
  /** Where its teacher and data lie now; what it remembers itself may have moved since. */
  places: z.strictObject({ teacher: folder.optional(), data: folder.optional() }),
});
export type ModelSource = z.infer<typeof modelSourceSchema>;

const sampledColumnSchema = z.strictObject({
  source: modelSourceSchema,
  steps: z.int(),
  guidance: z.number().nullable(),
});
export type SampledColumn = z.infer<typeof sampledColumnSchema>;

const renderingSchema = z.strictObject({
  column: sampledColumnSchema,
  cells: z.array(z.strictObject({ prompt: z.string(), seed: z.int() })),
  folder,
  /** Warm up first, so that the times are those of sampling alone. */
  timed: z.boolean(),
});
export type Rendering = z.infer<typeof renderingSchema>;

const playingSchema = z.strictObject({ ...playedSchema.shape, source: modelSourceSchema });
export type Playing = z.infer<typeof playingSchema>;
export type { Instant } from '../../engine/contract/messages/gallery.ts';

const columnsMeasuringSchema = z.strictObject({
  teacher: sampledColumnSchema,
  columns: z.array(sampledColumnSchema),
  count: z.int(),
  seed: z.int(),
});
export type ColumnsMeasuring = z.infer<typeof columnsMeasuringSchema>;

const modelExportSchema = z.strictObject({
  source: modelSourceSchema,
  folder,
  numbers: z.enum(['F32', 'F16', 'BF16']),
});
export type ModelExport = z.infer<typeof modelExportSchema>;

export const engineContract = {
  requests: {
    engine: {
      /** Chooses a backend and makes it active; everything else waits for it. */
      start: request(
        z.strictObject({ prefer: z.enum(['auto', 'tensorflow', 'webgpu', 'wasm']) }),
        z.strictObject({ backend: backendSchema, candidates: z.array(backendCandidateSchema) }),
      ),
      /** Begins to train, or to go on; what becomes of it is told by `journal`. @throws 'busy'. */
      train: request(trainingSchema, nothing),
      /** Saves a checkpoint and ends the training; answers when that is done. */
      pause: request(nothing, nothing),
      /** Which checkpoints of the training are never pruned, instead of those before. */
      pin: request(z.strictObject({ pinned: z.array(id) }), nothing),
      /** Pictures of the training's model as it is now. @throws 'input-invalid' when nothing trains. */
      sampleTraining: request(nothing, nothing),
      /**
       * Student, teacher and fake score of the distillation as it is now at this τ, and at this τ with every frame
       * from now on. @throws 'input-invalid' when no distillation trains.
       */
      lookAtTraining: request(z.strictObject({ tau: z.number().min(0).max(1) }), viewsSchema),
      advanceLab: lab2dRequests.advance,
      labData: lab2dRequests.data,
      /** Some iterations of a training that is thrown away; reports progress, can be cancelled. @throws 'busy'. */
      measureIterations: request(trainingSchema.pick({ kind: true, recipe: true }), measurementSchema),
      /** Reads a model whole and measures its guidance; null where it knows no condition. @throws 'file-invalid'. */
      examine: request(
        z.strictObject({ folder }),
        z.strictObject({ guidance: guidanceMeasureSchema.nullable() }),
      ),
      /** Writes one picture a prompt; reports progress, can be cancelled. */
      sample: request(
        samplingSchema,
        z.strictObject({
          pictures: z.array(z.strictObject({ file: z.string(), caption: z.string() })),
          evaluations: z.int(),
          seconds: z.number(),
        }),
      ),
      /** Writes one picture a cell, named by new ids; reports progress, can be cancelled. */
      render: request(
        renderingSchema,
        z.strictObject({
          name: z.string(),
          evaluations: z.int(),
          pictures: z.array(z.strictObject({ id, at: z.number() })),
        }),
      ),
      /** One student's picture, at once. */
      play: request(playingSchema, instantSchema),
      /** Metrics of the teacher and then of each column; reports progress, can be cancelled. */
      measureColumns: request(columnsMeasuringSchema, z.array(z.record(z.string(), z.number()))),
      /** The teacher's own samples, against its 50 guided steps. */
      measureBaseline: request(baselineMeasuringSchema, z.record(z.string(), z.number())),
      /** What a sweep will cost; reports progress, can be cancelled. @throws 'busy' while a run trains. */
      rehearseSweep: request(
        sweepRehearsalSchema,
        z.strictObject({ teacher: teacherCostsSchema, costs: z.record(z.string(), runCostsSchema) }),
      ),
      /** Writes a model folder, reads it back and compares. @throws 'input-invalid' where it exists. */
      exportModel: request(modelExportSchema, z.strictObject({ weights: z.int() })),
    },
  },
  events: {
    engine: {
      heartbeat: event(z.strictObject({ residentBytes: z.number() })),
      /** Every entry, in order. */
      journal: event(z.strictObject({ runId: id, entries: z.array(journalEntrySchema) }), {
        keyOf: ({ runId }) => runId,
        merge: (waiting, next) => ({ ...next, entries: [...waiting.entries, ...next.entries] }),
      }),
      progress: event(
        z.strictObject({
          runId: id,
          done: z.int(),
          total: z.int(),
          activity: z.string().nullable(),
          secondsPerIteration: z.number().nullable(),
          secondsLeft: z.number().nullable(),
        }),
        { keyOf: ({ runId }) => runId },
      ),
    },
  },
} as const satisfies Contract;

export type EngineContract = typeof engineContract;
