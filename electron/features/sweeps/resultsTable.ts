/** A sweep's results as a table for the terminal: means over the seeds, ± half of the 95 % interval. */
import { describeMeasure } from '../../../engine/contract/experiments/measures.ts';
import type { Report } from '../../../engine/contract/experiments/report.ts';
import type { Interval } from '../../../engine/contract/interval.ts';
import { formatNumber } from '../../terminal/quantities.ts';
import type { Table } from '../../terminal/table.ts';

export function resultsTable({ name, rows, measures }: Report): Table {
  return {
    title: name,
    columns: [
      { label: 'Variant' },
      ...measures.map((measure) => ({ label: describeMeasure(measure).label })),
    ],
    rows: rows.map((row) => [row.name, ...measures.map((measure) => formatInterval(row.summary[measure]))]),
  };
}

/** Every run by itself: what was measured at its last iteration, and the best that was measured of it. */
export function runsTable({ rows, measures }: Report): Table {
  const columns = measures.flatMap((measure) => {
    const { label, best } = describeMeasure(measure);
    return [
      { label, measure, of: 'final' } as const,
      ...(best ? [{ label: `${label}, best`, measure, of: 'best' } as const] : []),
    ];
  });
  return {
    title: 'Every run',
    columns: [{ label: 'Variant' }, { label: 'Seed' }, ...columns.map(({ label }) => ({ label }))],
    rows: rows
      .filter(({ isBaseline }) => !isBaseline)
      .flatMap(({ name, cells }) =>
        cells.map((cell) => [
          name,
          cell.seed,
          ...columns.map(({ measure, of }) => cell[of][measure] ?? null),
        ]),
      ),
  };
}

/** `0.142 ± 0.011`; without a margin for one seed. */
export function formatInterval(interval: Interval | null | undefined): string {
  if (!interval) return '—';
  const { mean, margin } = interval;
  return margin === null || margin === 0
    ? formatNumber(mean)
    : `${formatNumber(mean)} ± ${formatMargin(margin)}`;
}

/** Two digits say enough of a margin. */
const formatMargin = (margin: number): string =>
  margin < 1e-4 ? formatNumber(margin) : String(Number(margin.toPrecision(2)));
