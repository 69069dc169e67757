/** A project's gallery as a window sees it: pictures, what can be sampled, and the grid that is made of them. */
import type { Item, Measurement, Source } from '../../engine/contract/messages/gallery.ts';
import type { Connection } from './connection.svelte.ts';
import { columnsOf, rowsOf, type GridColumn, type GridRow } from './galleryGrid.ts';

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
