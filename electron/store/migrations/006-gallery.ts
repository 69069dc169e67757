import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The gallery's pictures, what was measured of its columns, and blind tests between two columns. */
export const gallery: Migration = {
  async up(database: Kysely<unknown>) {
    await sql`
      CREATE TABLE galleryItems (
        id TEXT PRIMARY KEY NOT NULL,
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        "column" TEXT NOT NULL CHECK (json_valid("column")),
        name TEXT NOT NULL,
        iteration INTEGER,
        prompt TEXT NOT NULL,
        seed INTEGER NOT NULL,
        evaluations INTEGER NOT NULL,
        rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
        createdAt TEXT NOT NULL
      ) STRICT`.execute(database);
    await sql`CREATE INDEX galleryItemsOfProject ON galleryItems (projectId, id)`.execute(database);
    await sql`
      CREATE TABLE measurements (
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        "column" TEXT NOT NULL CHECK (json_valid("column")),
        "values" TEXT NOT NULL CHECK (json_valid("values")),
        count INTEGER NOT NULL,
        measuredAt TEXT NOT NULL,
        PRIMARY KEY (projectId, "column")
      ) STRICT, WITHOUT ROWID`.execute(database);
    await sql`
      CREATE TABLE blindTests (
        id TEXT PRIMARY KEY NOT NULL,
        projectId TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        createdAt TEXT NOT NULL,
        endedAt TEXT
      ) STRICT`.execute(database);
    await sql`
      CREATE TABLE blindPairs (
        id TEXT PRIMARY KEY NOT NULL,
        testId TEXT NOT NULL REFERENCES blindTests (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        firstItemId TEXT NOT NULL REFERENCES galleryItems (id) ON DELETE CASCADE,
        secondItemId TEXT NOT NULL REFERENCES galleryItems (id) ON DELETE CASCADE,
        firstIsLeft INTEGER NOT NULL CHECK (firstIsLeft IN (0, 1)),
        choice TEXT CHECK (choice IN ('first', 'second', 'tie'))
      ) STRICT`.execute(database);
    await sql`CREATE INDEX blindPairsOfTest ON blindPairs (testId, position)`.execute(database);
  },
};
