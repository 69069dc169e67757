/** Whether a person switched the network off, for commands that do not open the data folder. */
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { databaseName } from './backup.ts';

const settingsSchema = z.object({ offline: z.boolean() }).catch({ offline: false });

/** Reads beside whoever owns the folder. False where nothing was ever set. */
export function readOffline(data: string): boolean {
  const file = join(data, databaseName);
  if (!existsSync(file)) return false;
  const sqlite = new Database(file, { readonly: true });
  try {
    const hasPreferences = sqlite.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'preferences'`).get();
    if (hasPreferences === undefined) return false;
    const value = sqlite
      .prepare<[], string>(`SELECT value FROM preferences WHERE name = 'settings'`)
      .pluck()
      .get();
    return value !== undefined && settingsSchema.parse(JSON.parse(value)).offline;
  } finally {
    sqlite.close();
  }
}
