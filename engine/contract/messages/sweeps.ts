/** Sweeps and the paper's experiments: planned, estimated, run in the queue, reported. */
import { z } from 'zod';
import { clusterOptionsSchema } from '../cluster.ts';
import { reportSchema } from '../experiments/report.ts';
import { sweepSchema } from '../sweep.ts';
import { event, id, nothing, request, time } from './define.ts';
import { draftRecipeSchema } from './recipes.ts';

const seeds = sweepSchema.shape.seeds;
const reference = z.string().min(1).max(4096);

/** One of the paper's experiments on a teacher, or a recipe with fields in all combinations of the given values. */
export const planSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('experiment'),
    experiment: z.string().max(100),
    teacher: reference,
    /** By default what the teacher learnt. */
    data: reference.exactOptional(),
    seeds,
  }),
  z.strictObject({
    kind: z.literal('sweep'),
    recipe: draftRecipeSchema,
    /** Values by dotted path. */
    vary: z.record(z.string().max(200), z.array(z.json()).min(1).max(50)),
    seeds,
  }),
]);
export type Plan = z.infer<typeof planSchema>;

/** Where sweeps are trained, and what a cluster is asked for. */
export const placeSchema = z.strictObject({ on: z.enum(['here', 'slurm']), options: clusterOptionsSchema });
export type Place = z.output<typeof placeSchema>;

export const sweepStates = ['waiting', 'running', 'paused', 'done'] as const;

export const sweepSummarySchema = z.strictObject({
  id,
  name: z.string(),
  experiment: z.string().nullable(),
  teacher: z.string(),
  seeds,
  createdAt: time,
  state: z.enum(sweepStates),
  done: z.int(),
  total: z.int(),
  /** What a cluster has of it: under which number, where that is known, and why nothing is heard of it. */
  cluster: z.strictObject({ job: z.string().nullable(), problem: z.string().nullable() }).nullable(),
});
export type SweepSummary = z.infer<typeof sweepSummarySchema>;

/** Seconds of all runs and samplings; null as long as their costs were not measured with the engine of now. */
const estimateSchema = z.strictObject({ seconds: z.number().nullable(), runs: z.int() });
export type SweepEstimate = z.infer<typeof estimateSchema>;

const one = z.strictObject({ id });

export const sweepRequests = {
  /** As it was chosen; `hasCluster` where this computer can submit to one. */
  place: request(nothing, z.strictObject({ hasCluster: z.boolean(), place: placeSchema })),
  /** Of what is started or resumed from now on. @throws 'input-invalid' that names the wrong option. */
  setPlace: request(placeSchema, nothing),
  /** Newest first. */
  list: request(z.strictObject({ projectId: id }), z.array(sweepSummarySchema)),
  /** @throws 'recipe-invalid' that names an unknown field or a wrong value, 'not-found'. */
  estimate: request(z.strictObject({ plan: planSchema }), estimateSchema),
  /** A short run of each kind, thrown away; reports progress, can be cancelled. @throws 'busy' while a run trains. */
  measure: request(z.strictObject({ plan: planSchema }), estimateSchema),
  /** Queues all of its runs, or submits them. @throws as `estimate`, 'cluster-unavailable'. */
  start: request(z.strictObject({ projectId: id, plan: planSchema }), sweepSummarySchema),
  /** Pauses what trains of it and takes the others out of the queue; cancels what a cluster has. */
  pause: request(one, sweepSummarySchema),
  /** Queues again what is not done; what is done is not repeated. */
  resume: request(one, sweepSummarySchema),
  /** What was found so far. */
  report: request(one, reportSchema),
  /** Writes the report as a folder below the data folder's `exports`. */
  exportReport: request(one, z.strictObject({ folder: z.string() })),
  /** Forgets the plan and its report; the runs stay. @throws 'busy' while one of them trains. */
  discard: request(one, nothing),
};

export const sweepEvents = {
  /** Something came, went or was measured; ask again. What becomes of its runs is told by their own events. */
  changed: event(nothing),
};
