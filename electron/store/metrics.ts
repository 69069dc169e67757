/** The numbers that runs report while they train, and the curves that are drawn of them. */

import { sql } from 'kysely';
import type { Store } from './database.ts';

/** Before the names of what was measured of the student rather than told by its training. */
export const QUALITY = 'quality.';

export interface MetricPoint {
  readonly name: string;
  readonly step: number;
  /** A number that is not finite leaves a gap in the curve. */
  readonly value: number;
}

/** One piece of a curve: the steps around `step` and the extremes there, so that no spike is smoothed away. */
export interface CurvePoint {
  readonly step: number;
  readonly mean: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Stores a batch at once; a point for the same name and step replaces the earlier one. */
export async function recordMetrics(
  store: Pick<Store, 'database'>,
  runId: string,
  points: readonly MetricPoint[],
): Promise<void> {
  const batch = JSON.stringify(points.map(({ name, step, value }) => [name, step, value]));
  await sql`
    INSERT OR REPLACE INTO metrics (runId, name, step, value)
    SELECT ${runId}, value ->> 0, value ->> 1, value ->> 2 FROM json_each(${batch})`.execute(store.database);
}

/** The curve in at most `pieces` points over the steps `from` to `to`, both included. */
export async function readCurve(
  store: Store,
  runId: string,
  name: string,
  {
    pieces = 500,
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
  }: { pieces?: number; from?: number; to?: number } = {},
): Promise<CurvePoint[]> {
  const { rows } = await sql<CurvePoint>`
    WITH
      points AS (
        SELECT step, value FROM metrics
        WHERE runId = ${runId} AND name = ${name} AND step BETWEEN ${from} AND ${to} AND value IS NOT NULL
      ),
      bounds AS (SELECT min(step) AS first, max(step) - min(step) + 1 AS span FROM points)
    SELECT round(avg(step)) AS step, avg(value) AS mean, min(value) AS minimum, max(value) AS maximum
    FROM points, bounds
    GROUP BY CAST((step - first) * ${pieces} / span AS INTEGER)
    ORDER BY 1`.execute(store.database);
  return rows;
}

/** Every point of the metrics whose names begin so, by name and step; for those that are few. */
export async function readMetrics(store: Store, runId: string, prefix: string): Promise<MetricPoint[]> {
  const rows = await store.database
    .selectFrom('metrics')
    .select(['name', 'step', 'value'])
    .where('runId', '=', runId)
    .where('name', '>=', prefix)
    .where('name', '<', `${prefix}\uffff`)
    .orderBy('name')
    .orderBy('step')
    .execute();
  return rows.flatMap(({ value, ...point }) => (value === null ? [] : [{ ...point, value }]));
}

/** Names of what the run reported, sorted. */
export async function listMetrics(store: Store, runId: string): Promise<string[]> {
  const names = store.database.selectFrom('metrics').select('name').distinct();
  return (await names.where('runId', '=', runId).orderBy('name').execute()).map(({ name }) => name);
}

/** Forgets what came after a step to which the run went back. */
export async function discardMetricsAfter(store: Store, runId: string, step: number): Promise<void> {
  await store.database.deleteFrom('metrics').where('runId', '=', runId).where('step', '>', step).execute();
}
