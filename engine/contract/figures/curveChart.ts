/** One measure over the iterations, a line for each variant. */
import { describeMeasure } from '../experiments/measures.ts';
import type { Report } from '../experiments/report.ts';
import { seriesTone, type Drawing } from './drawing.ts';
import { seriesChart, spreadOf } from './seriesChart.ts';

/** Undefined where no run was measured over time. */
export function curveChart({ rows }: Report, measure: string): Drawing | undefined {
  const students = rows.filter(({ isBaseline }) => !isBaseline);
  const { label } = describeMeasure(measure);
  const series = students.map((row, i) => ({ tone: seriesTone(i), points: spreadOf(row, measure) }));
  const reference = rows.findLast(({ isBaseline }) => isBaseline)?.summary[measure]?.mean;
  const chart = seriesChart(label, series, reference);
  return (
    chart && {
      ...chart,
      description: `${label} over the iterations, a line for each of ${students.length} variants.`,
    }
  );
}
