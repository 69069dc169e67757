/** Point sets and their metrics as NumPy and SciPy computed them (`tests/goldens/makeMetricGoldens.py`). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Features } from '../../../engine/metrics/features.ts';

const points = z.array(z.array(z.number()));
const line = z.array(z.number());

export const metricGoldens = z
  .object({
    frechet: z.array(z.object({ a: points, b: points, distance: z.number() })),
    precisionRecall: z.array(
      z.object({ real: points, generated: points, precision: z.number(), recall: z.number() }),
    ),
    wasserstein1: z.array(z.object({ a: line, b: line, distance: z.number() })),
  })
  .parse(JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../goldens/metrics.json'), 'utf8')));

export function features(rows: readonly (readonly number[])[]): Features {
  return { values: Float32Array.from(rows.flat()), count: rows.length, width: rows[0]?.length ?? 0 };
}
