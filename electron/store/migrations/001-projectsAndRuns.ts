import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Projects, their runs and an index of the runs' checkpoints. */
export const projectsAndRuns: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE projects (
        id TEXT PRIMARY KEY NOT NULL,
        name TEXT NOT NULL CHECK (length(name) > 0),
        createdAt TEXT NOT NULL,
        updatedAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`
      CREATE TABLE runs (
        id TEXT PRIMARY KEY NOT NULL,
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'done', 'failed')),
        recipe TEXT NOT NULL CHECK (json_valid(recipe)),
        parentRunId TEXT REFERENCES runs (id) ON DELETE SET NULL,
        parentStep INTEGER,
        error TEXT CHECK (error IS NULL OR json_valid(error)),
        createdAt TEXT NOT NULL,
        updatedAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`CREATE INDEX runsOfProject ON runs (projectId)`.execute(database);
    await sql`CREATE INDEX forksOfRun ON runs (parentRunId)`.execute(database);
    await sql`
      CREATE TABLE checkpoints (
        id TEXT PRIMARY KEY NOT NULL,
        runId TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        createdAt TEXT NOT NULL,
        folder TEXT NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
        best INTEGER NOT NULL DEFAULT 0 CHECK (best IN (0, 1))
      ) STRICT`.execute(database);
    await sql`CREATE INDEX checkpointsOfRun ON checkpoints (runId, sequence)`.execute(database);
  },
};
