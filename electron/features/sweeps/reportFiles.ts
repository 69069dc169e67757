/** A report's numbers for other programs. */
import type { Report } from '../../../engine/contract/experiments/report.ts';
import { endsOf } from '../../../engine/contract/interval.ts';
import { csvOf } from '../comparison/dataFiles.ts';

/** Every measured number of every seed, one line each; full precision. */
export function numbersCsv({ rows }: Report): string {
  const lines = rows.flatMap(({ key, name, cells }) =>
    cells.flatMap(({ seed, final, best }) =>
      Object.entries(final).map(([measure, value]) => [key, name, seed, measure, value, best[measure] ?? '']),
    ),
  );
  return csvOf([['variant', 'name', 'seed', 'measure', 'final', 'best'], ...lines]);
}

/** Means over the seeds with the ends of their 95 % intervals. */
export function summaryCsv({ rows }: Report): string {
  const lines = rows.flatMap(({ key, name, summary }) =>
    Object.entries(summary).map(([measure, interval]) => {
      const { low, high } = endsOf(interval);
      const known = interval.margin !== null;
      return [key, name, measure, interval.count, interval.mean, known ? low : '', known ? high : ''];
    }),
  );
  return csvOf([['variant', 'name', 'measure', 'seeds', 'mean', 'low', 'high'], ...lines]);
}

/** Curves included; pictures are left to the page. */
export const reportJson = (report: Report): string => `${JSON.stringify(report)}\n`;
