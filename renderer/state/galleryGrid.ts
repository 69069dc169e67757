/** The grid that pictures make: a column for each way of sampling a model, a row for each prompt and seed. */
import {
  columnKey,
  type Column,
  type Item,
  type Measurement,
} from '../../engine/contract/messages/gallery.ts';

/** A column of the grid with what is known of it. */
export interface GridColumn {
  readonly key: string;
  readonly column: Column;
  readonly name: string;
  readonly iteration: number | null;
  readonly evaluations: number;
  readonly measured: Measurement | undefined;
}

/** One prompt and seed; `items` by column key. */
export interface GridRow {
  readonly key: string;
  readonly prompt: string;
  readonly seed: number;
  readonly items: ReadonlyMap<string, Item>;
}

/** Teachers first, then in the order in which they were made. */
export function columnsOf(items: readonly Item[], measurements: readonly Measurement[]): GridColumn[] {
  const measured = new Map(measurements.map((one) => [columnKey(one.column), one]));
  const columns = new Map<string, GridColumn>();
  for (const { column, name, iteration, evaluations } of items) {
    const key = columnKey(column);
    if (!columns.has(key))
      columns.set(key, { ...{ key, column, name, iteration, evaluations }, measured: measured.get(key) });
  }
  const isStudent = ({ column }: GridColumn) => Number(column.guidance === null);
  return [...columns.values()].sort((a, b) => isStudent(a) - isStudent(b));
}

/** Prompts in the order in which they were first asked for, each with its seeds. */
export function rowsOf(items: readonly Item[]): GridRow[] {
  const prompts = new Map<string, Map<number, Map<string, Item>>>();
  for (const item of items) {
    const seeds = prompts.get(item.prompt) ?? new Map<number, Map<string, Item>>();
    prompts.set(item.prompt, seeds);
    const row = seeds.get(item.seed) ?? new Map<string, Item>();
    seeds.set(item.seed, row);
    row.set(columnKey(item.column), item);
  }
  return [...prompts].flatMap(([prompt, seeds]) =>
    [...seeds]
      .sort(([a], [b]) => a - b)
      .map(([seed, row]) => ({ key: `${seed} ${prompt}`, prompt, seed, items: row })),
  );
}
