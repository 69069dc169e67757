/**
 * The SQLite database of a data folder: an index of what lies on disk, with the names and choices of people.
 * Opened by one process at a time, checked and if need be restored before anything is read from it.
 */

import Database from 'better-sqlite3';
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { backUp, backupAge, databaseName, restoreIfDamaged, type Recovery } from './backup.ts';
import { lockDataFolder } from './lock.ts';
import { appliedMigrations, migrate, refuseNewer } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import type { Tables } from './tables.ts';

export interface Store {
  /** The data folder, absolute. */
  readonly data: string;
  readonly database: Kysely<Tables>;
  /** What start-up had to repair; to be shown to the user. */
  readonly recovery: Recovery | undefined;
  /** Replaces the backup by a checked copy of the database as it is now. */
  backUp(): Promise<void>;
  /** Releases the data folder. */
  close(): Promise<void>;
}

/** The start-up backup is renewed when it is older, and before each migration. */
const backupHours = 24;

/**
 * Opens the data folder's store, creating both where they are missing. Throws StudioError 'busy' where another
 * process owns the folder, 'file-invalid' where a newer Stillroom wrote it.
 */
export async function openStore(data: string): Promise<Store> {
  await mkdir(data, { recursive: true });
  const unlock = lockDataFolder(data);
  let sqlite: Database.Database | undefined;
  try {
    const recovery = await restoreIfDamaged(data);
    const opened = (sqlite = openDatabase(join(data, databaseName)));
    refuseNewer(opened);
    const applied = appliedMigrations(opened).length;
    const outdated = applied < Object.keys(migrations).length;
    if (applied > 0 && (outdated || (await backupAge(data)) > backupHours)) await backUp(opened, data);
    const database = queriesOf<Tables>(opened);
    await migrate(database);
    return {
      data,
      database,
      recovery,
      backUp: () => backUp(opened, data),
      close: async () => {
        await database.destroy();
        unlock();
      },
    };
  } catch (error) {
    sqlite?.close();
    unlock();
    throw error;
  }
}

/** Opens a database file with the settings under which a committed change survives a power cut. */
export function openDatabase(path: string): Database.Database {
  const sqlite = new Database(path);
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  return sqlite;
}

/** Typed queries on an open database; destroying them closes it. */
export function queriesOf<T>(sqlite: Database.Database): Kysely<T> {
  return new Kysely<T>({ dialect: new TransactionalDialect({ database: sqlite }) });
}

/** SQLite changes tables within transactions, but Kysely does not count on it: a failed migration would stay half done. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
