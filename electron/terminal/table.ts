/** Tables of text for the terminal, aligned by what the characters really take. */
import { createPalette, type Palette } from './colour.ts';
import { formatNumber } from './quantities.ts';
import { pad, plainLine, textWidth, truncate } from './textWidth.ts';

export interface TableColumn {
  readonly label: string;
  /** Printed under the label, once for the column. */
  readonly unit?: string;
  /** Which number is marked as the best; ties are all marked. */
  readonly best?: 'lowest' | 'highest';
  readonly format?: (value: number) => string;
}

export interface Table {
  readonly title?: string;
  readonly columns: readonly TableColumn[];
  /** Numbers stand right; what is unknown is null. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** As many of the first rows are references, which are not compared. */
  readonly references?: number;
}

const bestMark = '★';
const gap = '  ';
const widestCell = 48;

/** Ends with a line feed. */
export function renderTable(table: Table, palette: Palette = createPalette(false)): string {
  const cells = table.rows.map((row) =>
    table.columns.map((column, index) => truncate(formatCell(column, row[index] ?? null), widestCell)),
  );
  const best = table.columns.map((_, index) => bestRows(table, index));
  const isNumeric = table.columns.map((_, index) => table.rows.some((row) => typeof row[index] === 'number'));
  const widths = table.columns.map(({ label, unit = '' }, index) =>
    Math.max(textWidth(label), textWidth(unit), ...cells.map((row) => textWidth(row[index] ?? ''))),
  );
  // A marked column is wider by the mark in every line.
  const marks = best.map((rows) => (rows.size > 0 ? gap : ''));
  const line = (texts: readonly string[], style: (text: string, column: number) => string): string =>
    texts
      .map((text, index) => style(pad(text, widths[index] ?? 0, isNumeric[index] ? 'right' : 'left'), index))
      .join(gap)
      .trimEnd();
  const heading = (texts: readonly string[], style: Palette['bold']): string =>
    line(texts, (text, index) => style(text) + (marks[index] ?? ''));
  const lines = table.title === undefined ? [] : [palette.bold(plainLine(table.title)), ''];
  lines.push(
    heading(
      table.columns.map(({ label }) => label),
      palette.bold,
    ),
  );
  if (table.columns.some(({ unit }) => unit !== undefined)) {
    lines.push(
      heading(
        table.columns.map(({ unit = '' }) => unit),
        palette.dim,
      ),
    );
  }
  const ruleWidth = widths.reduce((sum, width) => sum + width + gap.length, 0) + marks.join('').length;
  lines.push(palette.dim('─'.repeat(ruleWidth - gap.length)));
  cells.forEach((row, position) => {
    const style = (text: string, index: number): string =>
      best[index]?.has(position) ? palette.good(`${text} ${bestMark}`) : text + (marks[index] ?? '');
    lines.push(line(row, style));
  });
  return `${lines.join('\n')}\n`;
}

/** As it is printed; an em dash for null. */
export function formatCell({ format = formatNumber }: TableColumn, value: string | number | null): string {
  if (value === null) return '—';
  return typeof value === 'number' ? format(value) : plainLine(value);
}

/** Rows whose number is the best as it is printed; none where there is nothing to choose from. */
export function bestRows({ columns, rows, references = 0 }: Table, index: number): Set<number> {
  const column = columns[index];
  if (column?.best === undefined) return new Set();
  const found = rows.flatMap((row, position) => {
    const value = row[index];
    return position >= references && typeof value === 'number' && Number.isFinite(value)
      ? [{ position, value }]
      : [];
  });
  if (found.length < 2) return new Set();
  const values = found.map(({ value }) => value);
  const bestText = formatCell(column, column.best === 'lowest' ? Math.min(...values) : Math.max(...values));
  const winners = found.filter(({ value }) => formatCell(column, value) === bestText);
  return winners.length === found.length ? new Set() : new Set(winners.map(({ position }) => position));
}
