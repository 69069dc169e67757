import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The trash: what was thrown away together is one entry; deleting the entry brings all of it back. */
export const trash: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE trash (
        id TEXT PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('project', 'run', 'pictures')),
        name TEXT NOT NULL,
        discardedAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`
      CREATE TABLE trashed (
        id TEXT PRIMARY KEY NOT NULL,
        trashId TEXT NOT NULL REFERENCES trash (id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`CREATE INDEX trashedOfEntry ON trashed (trashId)`.execute(database);
  },
};
