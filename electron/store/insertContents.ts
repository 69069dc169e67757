/** The rows of a project that came as a file, all in one transaction: after it the project is there, before it nothing. */
import { createReadStream } from 'node:fs';
import { sql } from 'kysely';
import type { Store } from './database.ts';
import { columnText } from './galleryItems.ts';
import { recordMetricLines } from './metricLines.ts';
import type { ProjectContents } from './projectContents.ts';

/** What only the files tell. */
export interface ContentsOnDisk {
  /** The run's metrics, a file of lines. */
  readonly metrics: (runId: string) => string;
  /** Hash of a sample's file, and its path within the data folder. */
  readonly sample: (sample: ProjectContents['samples'][number]) => {
    readonly path: string;
    readonly sha256: string;
  };
  /** Name of a checkpoint's folder. */
  readonly checkpoint: (checkpoint: ProjectContents['checkpoints'][number]) => string;
  /** Where a picture set will lie, absolute. */
  readonly location: (set: ProjectContents['datasets'][number]) => string;
}

export async function insertContents(
  store: Store,
  contents: ProjectContents,
  { metrics, checkpoint, sample, location }: ContentsOnDisk,
): Promise<void> {
  const { project, runs } = contents;
  const projectId = project.id;
  await store.database.transaction().execute(async (database) => {
    const insert = async <T>(rows: readonly T[], into: (row: T) => Promise<unknown>) => {
      for (const row of rows) await into(row);
    };
    await database
      .insertInto('projects')
      .values({ ...project, updatedAt: new Date().toISOString() })
      .execute();
    await insert(contents.drafts, ({ recipe, ...draft }) =>
      database
        .insertInto('drafts')
        .values({ ...draft, projectId, recipe: JSON.stringify(recipe) })
        .execute(),
    );
    await insert(runs, ({ recipe, status, ...run }) =>
      database
        .insertInto('runs')
        .values({
          ...{ ...run, projectId, parentRunId: null, error: null, recipe: JSON.stringify(recipe) },
          // What waited elsewhere waits for nobody here.
          status: status === 'queued' || status === 'running' ? 'paused' : status,
        })
        .execute(),
    );
    const ids = new Set(runs.map(({ id }) => id));
    await insert(
      runs.filter(({ parentRunId }) => parentRunId !== null && ids.has(parentRunId)),
      ({ id, parentRunId }) =>
        database.updateTable('runs').set({ parentRunId }).where('id', '=', id).execute(),
    );
    await insert(runs, ({ id }) => recordMetricLines({ database }, id, createReadStream(metrics(id))));
    await insert(contents.checkpoints, (one) =>
      database
        .insertInto('checkpoints')
        .values({ ...one, folder: checkpoint(one) })
        .execute(),
    );
    await insert(contents.samples, (one) => {
      const { id, runId, step, seed, prompt, createdAt } = one;
      const row = { id, runId, step, seed, prompt, createdAt, ...sample(one) };
      return database.insertInto('samples').values(row).execute();
    });
    await insert(contents.galleryItems, ({ column, ...item }) =>
      database
        .insertInto('galleryItems')
        .values({ ...item, projectId, column: columnText(column) })
        .execute(),
    );
    await insert(contents.measurements, ({ column, values, ...measured }) =>
      database
        .insertInto('measurements')
        .values({ ...measured, projectId, column: columnText(column), values: JSON.stringify(values) })
        .execute(),
    );
    await insert(contents.blindTests, (test) =>
      database
        .insertInto('blindTests')
        .values({ ...test, projectId })
        .execute(),
    );
    await insert(contents.blindPairs, (pair) => database.insertInto('blindPairs').values(pair).execute());
    await insert(contents.datasets, (set) => {
      const { id, name, createdAt, summary } = set;
      const kept = { location: location(set), summary: summary && JSON.stringify(summary) };
      return database
        .insertInto('datasets')
        .values({ id, name, createdAt, isCopy: 1, ...kept })
        .execute();
    });
  });
}

/** Of these ids, those that a row of the store has already, in whatever table, also in the trash. */
export async function takenIds({ database }: Store, ids: readonly string[]): Promise<string[]> {
  const asked = JSON.stringify(ids);
  const tables = [
    ...(['projects', 'runs', 'checkpoints', 'samples', 'galleryItems', 'blindTests', 'blindPairs'] as const),
    'datasets',
  ] as const;
  const found = await Promise.all(
    tables.map((table) =>
      database
        .selectFrom(table)
        .select('id')
        .where(sql<boolean>`id IN (SELECT value FROM json_each(${asked}))`)
        .execute(),
    ),
  );
  return [...new Set(found.flat().map(({ id }) => id))];
}
