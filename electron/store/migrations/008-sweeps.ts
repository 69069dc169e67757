import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Sweeps and experiments: what was planned, and which run or measured numbers belong to each of its cells. */
export const sweeps: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE sweeps (
        id TEXT PRIMARY KEY NOT NULL,
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        sweep TEXT NOT NULL CHECK (json_valid(sweep)),
        createdAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`CREATE INDEX sweepsOfProject ON sweeps (projectId)`.execute(database);
    await sql`
      CREATE TABLE sweepCells (
        sweepId TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
        variant TEXT NOT NULL,
        seed INTEGER NOT NULL,
        runId TEXT REFERENCES runs (id) ON DELETE SET NULL,
        "values" TEXT CHECK ("values" IS NULL OR json_valid("values")),
        PRIMARY KEY (sweepId, variant, seed)
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`CREATE INDEX sweepCellsOfRun ON sweepCells (runId)`.execute(database);
  },
};
