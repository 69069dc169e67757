/** Quality and cost of every column of a comparison as one table, for the terminal, Markdown and the page alike. */
import { formatNumber, formatSeconds } from '../../terminal/quantities.ts';
import type { Table } from '../../terminal/table.ts';
import { speedup, type Comparison } from './comparison.ts';
import { describeMetric } from './metricDescriptions.ts';

/** Keys of all columns' metrics, in the order of their first appearance. */
export function metricKeys({ columns }: Comparison): string[] {
  return [...new Set(columns.flatMap(({ metrics }) => Object.keys(metrics)))];
}

export function comparisonTable(comparison: Comparison): Table {
  const keys = metricKeys(comparison);
  return {
    columns: [
      { label: 'Model' },
      { label: 'Steps' },
      { label: 'Evaluations', unit: 'per image', best: 'lowest' },
      { label: 'Time', unit: 'per image', best: 'lowest', format: formatSeconds },
      { label: 'Speed', unit: 'reference = 1', format: (value) => `${formatSpeedup(value)}×` },
      ...keys.map((key) => {
        const { label, best } = describeMetric(key, comparison.metricDescriptions);
        return { label, ...(best === undefined ? {} : { best }) };
      }),
    ],
    rows: comparison.columns.map((column) => [
      column.label,
      column.steps,
      column.evaluations,
      column.secondsPerImage,
      speedup(comparison, column),
      ...keys.map((key) => column.metrics[key] ?? null),
    ]),
    references: 1,
  };
}

/** Whole numbers from 10 on: a measured ratio promises no more. */
export function formatSpeedup(factor: number): string {
  return factor >= 10 ? factor.toFixed(0) : formatNumber(Number(factor.toPrecision(2)));
}
