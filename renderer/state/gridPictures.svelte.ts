/**
 * The grid's pictures, read many at once: with a request for each of them, rows stay empty while a hand scrolls fast.
 * Large ones are left to their own address.
 */
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { itemMedia } from '../../engine/contract/messages/gallery.ts';
import { mediaUrl, type Connection } from './connection.svelte.ts';

/** Of one request. */
const AT_ONCE = 128;
const REMEMBERED = 4000;

export class GridPictures {
  private readonly addresses = new SvelteMap<string, string>();
  private wanted: readonly string[] = [];
  private isReading = false;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** What `<img>` shows; undefined as long as it is on its way. */
  address(id: string): string | undefined {
    return this.addresses.get(id);
  }

  /** For rows near the eye. What is taken back by the answered function before its turn is not read. */
  want(ids: readonly string[]): () => void {
    const isMissing = (id: string) => !untrack(() => this.addresses.has(id));
    this.wanted = [...this.wanted, ...ids.filter(isMissing)];
    if (!this.isReading) void this.read();
    return () => {
      this.wanted = this.wanted.filter((id) => !ids.includes(id));
    };
  }

  private async read(): Promise<void> {
    this.isReading = true;
    // Rows that appear together are read together.
    await Promise.resolve();
    while (this.wanted.length > 0) {
      const ids = this.wanted.slice(-AT_ONCE);
      this.wanted = this.wanted.slice(0, -AT_ONCE);
      const pngs = await this.connection.client.api.gallery.pictures({ ids }).catch(() => []);
      for (const [index, id] of ids.entries()) {
        const png = pngs[index] ?? null;
        this.addresses.set(id, png === null ? mediaUrl(itemMedia({ id })) : `data:image/png;base64,${png}`);
      }
    }
    for (const id of this.addresses.keys()) {
      if (this.addresses.size <= REMEMBERED) break;
      this.addresses.delete(id);
    }
    this.isReading = false;
  }
}
