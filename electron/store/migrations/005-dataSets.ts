import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Whether a chosen set is a copy of ours, and what its last report counted. */
export const dataSets: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`ALTER TABLE datasets ADD COLUMN isCopy INTEGER NOT NULL DEFAULT 0 CHECK (isCopy IN (0, 1))`.execute(
      database,
    );
    await sql`ALTER TABLE datasets ADD COLUMN summary TEXT CHECK (summary IS NULL OR json_valid(summary))`.execute(
      database,
    );
  },
};
