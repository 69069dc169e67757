/** A data folder of its own for each test, removed afterwards with the stores that were opened in it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { openStore, type Store } from '../../electron/store/database.ts';

export interface TestData {
  /** Absolute. */
  readonly folder: string;
  /** Opens the folder's store. */
  open(): Promise<Store>;
}

export function useDataFolder(): TestData {
  let folder = '';
  let opened: Store[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'store-'));
    opened = [];
    return async () => {
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    };
  });
  return {
    get folder() {
      return folder;
    },
    async open() {
      const store = await openStore(folder);
      opened.push(store);
      return store;
    },
  };
}
