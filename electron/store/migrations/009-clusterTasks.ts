import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Cells of sweeps that were submitted to a cluster and are not back yet. */
export const clusterTasks: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE clusterTasks (
        sweepId TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
        variant TEXT NOT NULL,
        seed INTEGER NOT NULL,
        runId TEXT REFERENCES runs (id) ON DELETE CASCADE,
        submission TEXT NOT NULL,
        position INTEGER NOT NULL,
        job TEXT,
        PRIMARY KEY (sweepId, variant, seed)
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`CREATE INDEX clusterTasksOfRun ON clusterTasks (runId)`.execute(database);
  },
};
