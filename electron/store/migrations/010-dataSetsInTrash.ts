import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Picture sets can be in the trash. SQLite cannot change a CHECK, so the entries move to a new table. */
export const dataSetsInTrash: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE newTrash (
        id TEXT PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('project', 'run', 'pictures', 'data')),
        name TEXT NOT NULL,
        discardedAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`
      CREATE TABLE newTrashed (
        id TEXT PRIMARY KEY NOT NULL,
        trashId TEXT NOT NULL REFERENCES newTrash (id) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`INSERT INTO newTrash SELECT id, kind, name, discardedAt FROM trash`.execute(database);
    await sql`INSERT INTO newTrashed SELECT id, trashId FROM trashed`.execute(database);
    await sql`DROP TABLE trashed`.execute(database);
    await sql`DROP TABLE trash`.execute(database);
    // Renaming takes the references along.
    await sql`ALTER TABLE newTrash RENAME TO trash`.execute(database);
    await sql`ALTER TABLE newTrashed RENAME TO trashed`.execute(database);
    await sql`CREATE INDEX trashedOfEntry ON trashed (trashId)`.execute(database);
  },
};
