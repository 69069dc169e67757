/** Sets of pictures and prompts: the list, the one report that is shown, and what is being added. */
import { SvelteMap } from 'svelte/reactivity';
import { StudioError } from '../../engine/contract/errors.ts';
import type { DataSet, Inspection } from '../../engine/contract/messages/data.ts';
import type { Connection } from './connection.svelte.ts';
import type { Picked } from './pickedSets.ts';
import { upload } from './upload.ts';

export interface Reached {
  readonly done: number;
  readonly total: number;
}

export class DataSets {
  /** The bundled ones first, then the newest first; undefined until the host answered once. */
  list = $state.raw<readonly DataSet[]>();
  /** Of the set and size asked for last; undefined while it is read. */
  inspection = $state.raw<Inspection>();
  problem = $state.raw<StudioError>();
  reading = $state.raw<Reached>();
  /** In bytes. */
  adding = $state.raw<Reached>();
  private readonly connection: Connection;
  /** By set and size, as long as the host lives. */
  private readonly kept = new SvelteMap<string, Inspection>();
  private asked: { readonly key: string; readonly stop: AbortController } | undefined;
  private stopAdding: AbortController | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('data.changed', () => void this.load());
    connection.onReopen(() => {
      this.kept.clear();
      void this.load();
    });
  }

  async load(): Promise<void> {
    this.list = await this.api.list();
  }

  /** Shows the report of a set; an earlier question that was not answered yet is taken back. */
  async inspect(data: string, size: number): Promise<void> {
    const key = `${data} ${size}`;
    if (this.asked?.key === key) return;
    this.asked?.stop.abort();
    const stop = new AbortController();
    this.asked = { key, stop };
    this.problem = undefined;
    this.inspection = this.kept.get(key);
    this.reading = undefined;
    if (this.inspection) return;
    this.reading = { done: 0, total: 0 };
    const isStill = () => this.asked?.stop === stop;
    try {
      const inspection = await this.api.inspect(
        { data, size },
        {
          signal: stop.signal,
          onProgress: (done, total) => {
            if (isStill()) this.reading = { done, total };
          },
        },
      );
      this.kept.set(key, inspection);
      if (isStill()) this.inspection = inspection;
    } catch (error) {
      if (!isStill()) return;
      this.asked = undefined;
      if (!(error instanceof StudioError)) throw error;
      this.problem = error;
    } finally {
      if (isStill() || this.asked === undefined) this.reading = undefined;
    }
  }

  stopReading(): void {
    this.asked?.stop.abort();
  }

  /** What was asked for last may be asked for again. */
  forget(): void {
    this.stopReading();
    this.asked = undefined;
    this.inspection = undefined;
    this.problem = undefined;
  }

  /** Uploads a set and keeps it. @throws StudioError what stopped it; files that were refused are returned. */
  async addFiles(set: readonly Picked[]): Promise<{ set: DataSet; refused: readonly StudioError[] }> {
    const stop = new AbortController();
    this.stopAdding = stop;
    const onProgress = (done: number, total: number) => (this.adding = { done, total });
    try {
      return await upload(set, { signal: stop.signal, onProgress }, async ({ source, refused }) => ({
        set: await this.addSource(source),
        refused,
      }));
    } finally {
      this.adding = undefined;
    }
  }

  cancelAdding(): void {
    this.stopAdding?.abort();
  }

  /** Keeps what the desktop's dialog or drop named. */
  addSource(source: string): Promise<DataSet> {
    return this.api.add({ source });
  }

  /** The id of the trash's entry. */
  async discard(data: string): Promise<string> {
    const { trashId } = await this.api.discard({ data });
    this.forget();
    return trashId;
  }

  private get api() {
    return this.connection.client.api.data;
  }
}
