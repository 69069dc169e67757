/** A project's gallery as a window sees it: pictures, what can be sampled, and the grid that is made of them. */
import {
  columnKey,
  type Column,
  type Item,
  type Measurement,
  type Source,
} from '../../engine/contract/messages/gallery.ts';
import type { Connection } from './connection.svelte.ts';

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

export class Gallery {
  /** Undefined until the host answered once. */
  items = $state.raw<readonly Item[]>();
  sources = $state.raw<readonly Source[]>([]);
  measurements = $state.raw<readonly Measurement[]>([]);
  search = $state('');
  leastRating = $state(0);

  readonly shown = $derived(
    (this.items ?? []).filter(
      ({ prompt, name, rating }) =>
        rating >= this.leastRating &&
        `${prompt} ${name}`.toLowerCase().includes(this.search.trim().toLowerCase()),
    ),
  );
  readonly columns: readonly GridColumn[] = $derived(columnsOf(this.shown, this.measurements));
  readonly rows: readonly GridRow[] = $derived(rowsOf(this.shown));
  private readonly connection: Connection;
  private readonly projectId: string;

  constructor(connection: Connection, projectId: string) {
    this.connection = connection;
    this.projectId = projectId;
  }

  /** Follows the host; returns what ends that. */
  follow(): () => void {
    const { client } = this.connection;
    const stops = [
      client.on('gallery.changed', ({ projectId }) => {
        if (projectId === this.projectId) void this.load();
      }),
      client.on('runs.checkpoint', () => void this.loadSources()),
      client.on('runs.changed', () => void this.loadSources()),
    ];
    void this.load();
    void this.loadSources();
    return () => {
      for (const stop of stops) stop();
    };
  }

  async load(): Promise<void> {
    const { projectId } = this;
    const { items, measurements } = await this.connection.client.api.gallery.list({ projectId });
    this.measurements = measurements;
    this.items = items;
  }

  /** Shown at once; the host tells the same again. */
  async rate(item: Item, rating: number): Promise<void> {
    this.items = this.items?.map((one) => (one.id === item.id ? { ...one, rating } : one));
    await this.connection.client.api.gallery.rate({ ids: [item.id], rating });
  }

  private async loadSources(): Promise<void> {
    const { projectId } = this;
    this.sources = await this.connection.client.api.gallery.sources({ projectId });
  }
}

/** Teachers first, then in the order in which they were made. */
function columnsOf(items: readonly Item[], measurements: readonly Measurement[]): GridColumn[] {
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
function rowsOf(items: readonly Item[]): GridRow[] {
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
