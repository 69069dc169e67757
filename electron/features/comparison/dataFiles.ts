/** The numbers of a comparison for other programs: Markdown, CSV and JSON. */
import { bestRows, formatCell, type Table } from '../../terminal/table.ts';
import type { Comparison } from './comparison.ts';
import { metricKeys } from './comparisonTable.ts';

/** A table of GitHub-flavoured Markdown; the best values are bold. */
export function tableMarkdown(table: Table): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const best = table.columns.map((_, index) => bestRows(table, index));
  const lines = [
    row(
      table.columns.map(({ label, unit }) =>
        escapeMarkdown(unit === undefined ? label : `${label}, ${unit}`),
      ),
    ),
    row(table.columns.map((_, index) => (index === 0 ? ':--' : '--:'))),
    ...table.rows.map((cells, position) =>
      row(
        table.columns.map((column, index) => {
          const text = escapeMarkdown(formatCell(column, cells[index] ?? null));
          return best[index]?.has(position) ? `**${text}**` : text;
        }),
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|&~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** One line a column of the comparison; full precision, empty where a number is not known. */
export function metricsCsv(comparison: Comparison): string {
  const keys = metricKeys(comparison);
  const lines = [
    ['id', 'label', 'kind', 'steps', 'evaluations', 'secondsPerImage', ...keys],
    ...comparison.columns.map((column) => [
      column.id,
      column.label,
      column.kind,
      column.steps,
      column.evaluations,
      column.secondsPerImage,
      ...keys.map((key) => column.metrics[key] ?? ''),
    ]),
  ];
  return csvOf(lines);
}

/** RFC 4180. */
export const csvOf = (lines: readonly (readonly (string | number)[])[]): string =>
  lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');

/** Spreadsheets run text that begins like a formula; an apostrophe stops them. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Everything but the pixels; numbers that are not finite become null. */
export function metricsJson(comparison: Comparison): string {
  const { columns, strips, ...rest } = comparison;
  const plain = {
    format: 'stillroom-comparison',
    version: 1,
    ...rest,
    columns: columns.map(({ images, ...column }) => ({ ...column, images: images.count })),
    strips: strips.map(({ frames, ...strip }) => ({
      ...strip,
      frames: frames.map(({ images, ...frame }) => ({ ...frame, images: images.count })),
    })),
  };
  return `${JSON.stringify(plain, null, 2)}\n`;
}
