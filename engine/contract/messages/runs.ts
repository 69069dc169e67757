/** Runs: trainings of teachers and students, from the queue to the last checkpoint, and what they tell meanwhile. */
import { z } from 'zod';
import { event, failureSchema, id, mediaId, nothing, request, time } from './define.ts';
import { draftRecipeSchema, recipeKinds } from './recipes.ts';

export const runSchema = z.strictObject({
  id,
  projectId: id,
  kind: z.enum(recipeKinds),
  name: z.string(),
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed']),
  /** Why it failed or paused by itself. */
  error: failureSchema.nullable(),
  parentRunId: id.nullable(),
  parentStep: z.int().nullable(),
  /** Iterations asked for; those done are in `progress` events and in the newest checkpoint. */
  iterations: z.int(),
  createdAt: time,
  updatedAt: time,
});
export type Run = z.infer<typeof runSchema>;

export const checkpointSchema = z.strictObject({
  id,
  step: z.int(),
  bytes: z.number(),
  createdAt: time,
  pinned: z.boolean(),
  best: z.boolean(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Pictures side by side without gaps: `captions.length` squares in a row. */
export const frameSchema = z.strictObject({
  id,
  runId: id,
  step: z.int(),
  media: mediaId,
  captions: z.array(z.string()),
  seed: z.int(),
});
export type Frame = z.infer<typeof frameSchema>;

export const runDetailsSchema = z.strictObject({
  ...runSchema.shape,
  recipe: draftRecipeSchema,
  /** Newest first. */
  checkpoints: z.array(checkpointSchema),
  /** Names of the curves that there are. */
  metrics: z.array(z.string()),
});
export type RunDetails = z.infer<typeof runDetailsSchema>;

export const curvePointSchema = z.strictObject({
  step: z.number(),
  mean: z.number(),
  minimum: z.number(),
  maximum: z.number(),
});
export type CurvePoint = z.infer<typeof curvePointSchema>;

export const progressSchema = z.strictObject({
  runId: id,
  done: z.int(),
  total: z.int(),
  /** What happens between two iterations; null while it trains. */
  activity: z.enum(['preparing', 'sampling']).nullable(),
  /** Of one iteration lately; null before the first. */
  secondsPerIteration: z.number().nullable(),
  /** Until its end, saving and sampling counted; null before it can be known. */
  secondsLeft: z.number().nullable(),
});
export type RunProgress = z.infer<typeof progressSchema>;

const metricsSchema = z.strictObject({
  runId: id,
  points: z.array(z.strictObject({ step: z.int(), values: z.record(z.string(), z.number().nullable()) })),
});
export type RunMetrics = z.infer<typeof metricsSchema>;

/**
 * x1 as the student made it, and as teacher and fake score predict it from that picture re-noised to τ; each
 * `captions.length` squares in a row.
 */
const viewsSchema = z.strictObject({
  runId: id,
  step: z.int(),
  tau: z.number(),
  captions: z.array(z.string()),
  student: mediaId,
  teacher: mediaId,
  fake: mediaId.nullable(),
});
export type RunViews = z.infer<typeof viewsSchema>;

export const verdictCodes = [
  'no-guidance',
  'fake-lags',
  'over-baked',
  'collapsed',
  'past-best',
  'converged',
] as const;
export type VerdictCode = (typeof verdictCodes)[number];

/** Of a recipe, by dotted path. */
const changesSchema = z.record(z.string(), z.number().or(z.string()));

/** A judgement of a run with what could be done about it; windows have words for its code. */
const verdictSchema = z.strictObject({
  code: z.enum(verdictCodes),
  /** Since when it holds. */
  step: z.int(),
  /** What was measured, beside the value from which on it is judged so. */
  measured: z.number(),
  limit: z.number(),
  /** Recipe changes by dotted path for a fork from the newest checkpoint that is not later than `step`. */
  suggestion: z.strictObject({ checkpointId: id.nullable(), changes: changesSchema }).nullable(),
});
export type RunVerdict = z.infer<typeof verdictSchema>;

/** A run was stopped and forked with the remedy of a verdict, as its recipe allowed. */
const retunedSchema = z.strictObject({
  run: runSchema,
  fork: runSchema,
  verdict: z.enum(verdictCodes),
  changes: changesSchema,
});
export type RunRetuned = z.infer<typeof retunedSchema>;

const one = z.strictObject({ id });
const orderSchema = z.strictObject({ ids: z.array(id).max(10_000) });
/** A frozen window costs no memory: beyond so many waiting points every other one is left out. */
const WAITING_POINTS = 1000;

function thinned<T>(points: readonly T[]): T[] {
  return points.length <= WAITING_POINTS
    ? [...points]
    : points.filter((_, i) => (points.length - i) % 2 === 1);
}

export const runRequests = {
  /** Newest first. */
  list: request(z.strictObject({ projectId: id.optional() }), z.array(runSchema)),
  get: request(one, runDetailsSchema),
  /** Queues a run of this recipe. @throws 'recipe-invalid' with the recipe's path as field. */
  start: request(
    z.strictObject({ projectId: id, kind: z.enum(recipeKinds), recipe: draftRecipeSchema }),
    runSchema,
  ),
  /** Saves a checkpoint and stops; a queued run leaves the queue. */
  pause: request(one, runSchema),
  /** Queues it again; it goes on from its newest checkpoint. */
  resume: request(one, runSchema),
  /** Ids of the waiting runs of every project, the next one first. */
  order: request(nothing, orderSchema),
  /** Puts waiting runs in this order, which outlives a start; those that are not named come behind. */
  arrange: request(orderSchema, nothing),
  /** Pictures of the run as it is now, after the iteration that it is in. @throws 'input-invalid' unless it trains. */
  sampleNow: request(one, nothing),
  /** At τ, as the run is now, and at this τ with every frame from now on. @throws 'input-invalid' unless it trains. */
  look: request(z.strictObject({ id, tau: z.number().min(0).max(1) }), viewsSchema),
  /** The newest that this host has seen; null before the first. */
  views: request(one, viewsSchema.nullable()),
  /** What its numbers say now, in order of importance. */
  verdicts: request(one, z.array(verdictSchema)),
  /** A new run from one of its checkpoints, with settings changed by dotted path; it is queued. */
  fork: request(
    z.strictObject({
      id,
      checkpointId: id,
      name: z.string().max(2000),
      changes: z.record(z.string(), z.json()),
    }),
    runSchema,
  ),
  pinCheckpoint: request(z.strictObject({ checkpointId: id, pinned: z.boolean() }), nothing),
  /** At most `pieces` points with the extremes of each piece. */
  curve: request(
    z.strictObject({
      id,
      name: z.string().max(100),
      pieces: z.int().min(2).max(4000).default(500),
      from: z.int().min(0).optional(),
      to: z.int().min(0).optional(),
    }),
    z.array(curvePointSchema),
  ),
  /** Newest first. */
  frames: request(one, z.array(frameSchema)),
};

export const runEvents = {
  /** Ids of the waiting runs, the next one first. */
  order: event(orderSchema),
  /** A run began, ended, paused, failed or was queued. */
  changed: event(runSchema, { keyOf: (run) => run.id }),
  progress: event(progressSchema, { keyOf: ({ runId }) => runId }),
  metrics: event(metricsSchema, {
    keyOf: ({ runId }) => runId,
    merge: (waiting, next) => ({ ...next, points: thinned([...waiting.points, ...next.points]) }),
  }),
  frame: event(frameSchema, { keyOf: ({ runId }) => runId }),
  checkpoint: event(z.strictObject({ runId: id, checkpoint: checkpointSchema }), {
    keyOf: ({ runId }) => runId,
  }),
  retuned: event(retunedSchema),
  views: event(viewsSchema, { keyOf: ({ runId }) => runId }),
  /** All that hold now; an empty list takes back what was told. */
  verdicts: event(z.strictObject({ runId: id, verdicts: z.array(verdictSchema) }), {
    keyOf: ({ runId }) => runId,
  }),
};
