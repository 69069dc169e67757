import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The pictures that runs made; the files themselves lie in the runs' folders. */
export const samples: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE samples (
        id TEXT PRIMARY KEY NOT NULL,
        runId TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        path TEXT NOT NULL UNIQUE,
        seed INTEGER NOT NULL,
        prompt TEXT NOT NULL,
        sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
        createdAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`CREATE INDEX samplesOfRun ON samples (runId, step)`.execute(database);
  },
};
