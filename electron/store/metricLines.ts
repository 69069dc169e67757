/** A run's metrics as lines of JSON, a piece of one curve each, so that no run is too long to be carried. */
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Store } from './database.ts';
import { listMetrics, recordMetrics } from './metrics.ts';

const POINTS_A_LINE = 10_000;

const lineSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /** Step and value; null where the number was not finite. */
  points: z.array(z.tuple([z.int().nonnegative(), z.number().nullable()])).max(POINTS_A_LINE),
});

export async function* metricLines(store: Store, runId: string): AsyncGenerator<string> {
  for (const name of await listMetrics(store, runId)) {
    for (let from = -1; ;) {
      const rows = await store.database
        .selectFrom('metrics')
        .select(['step', 'value'])
        .where('runId', '=', runId)
        .where('name', '=', name)
        .where('step', '>', from)
        .orderBy('step')
        .limit(POINTS_A_LINE)
        .execute();
      const last = rows.at(-1);
      if (!last) break;
      yield `${JSON.stringify({ name, points: rows.map(({ step, value }) => [step, value]) })}\n`;
      from = last.step;
    }
  }
}

export async function recordMetricLines(
  store: Pick<Store, 'database'>,
  runId: string,
  lines: Readable,
): Promise<void> {
  for await (const { name, points } of read(lines)) {
    await recordMetrics(
      store,
      runId,
      points.map(([step, value]) => ({ name, step, value: value ?? NaN })),
    );
  }
}

/** @throws ZodError or SyntaxError where a line is no piece of a curve. */
export async function checkMetricLines(lines: Readable): Promise<void> {
  const pieces = read(lines);
  while (!(await pieces.next()).done);
}

async function* read(lines: Readable) {
  for await (const line of createInterface({ input: lines })) yield lineSchema.parse(JSON.parse(line));
}
