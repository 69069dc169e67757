import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the studio remembers besides runs: chosen data, drafts of recipes, preferences. */
export const studio: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE datasets (
        id TEXT PRIMARY KEY NOT NULL,
        name TEXT NOT NULL,
        location TEXT NOT NULL,
        createdAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`
      CREATE TABLE drafts (
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        recipe TEXT NOT NULL CHECK (json_valid(recipe)),
        savedAt TEXT NOT NULL,
        PRIMARY KEY (projectId, kind)
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`
      CREATE TABLE preferences (
        name TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL CHECK (json_valid(value))
      ) STRICT, WITHOUT ROWID`.execute(database);
  },
};
