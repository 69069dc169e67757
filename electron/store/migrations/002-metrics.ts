import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The numbers that a run reports, one for each step and name, stored in the order in which curves are read. */
export const metrics: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE metrics (
        runId TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        step INTEGER NOT NULL,
        value REAL,
        PRIMARY KEY (runId, name, step)
      ) STRICT, WITHOUT ROWID`.execute(database);
  },
};
