/** Sets of pictures or prompts that people added: where they lie and what the last report counted. */
import { join, relative } from 'node:path';
import type { Kysely, Selectable } from 'kysely';
import { StudioError } from '../../engine/contract/errors.ts';
import { dataSummarySchema, type DataSummary } from '../../engine/contract/messages/data.ts';
import type { Store } from './database.ts';
import type { Tables } from './tables.ts';
import { notTrashed } from './trashed.ts';

export interface KeptDataSet extends Omit<Selectable<Tables['datasets']>, 'isCopy' | 'summary'> {
  readonly isCopy: boolean;
  readonly summary: DataSummary | null;
}

/** Where the copy of an uploaded set lies. */
export const dataSetFolder = (data: string, id: string): string => join(data, 'datasets', id);

export async function keepDataSet(
  store: Store,
  {
    summary = null,
    ...set
  }: Pick<KeptDataSet, 'id' | 'name' | 'location' | 'isCopy'> & Partial<Pick<KeptDataSet, 'summary'>>,
): Promise<KeptDataSet> {
  const row = { ...set, summary, createdAt: new Date().toISOString() };
  await store.database
    .insertInto('datasets')
    .values({ ...row, isCopy: set.isCopy ? 1 : 0, summary: summary && JSON.stringify(summary) })
    .execute();
  return row;
}

/** Newest first. */
export async function listDataSets(store: Store): Promise<KeptDataSet[]> {
  const rows = await store.database
    .selectFrom('datasets')
    .selectAll()
    .where(notTrashed)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(fromRow);
}

/** Throws StudioError 'not-found'. */
export async function getDataSet(store: Store, id: string): Promise<KeptDataSet> {
  const row = await store.database
    .selectFrom('datasets')
    .selectAll()
    .where('id', '=', id)
    .where(notTrashed)
    .executeTakeFirst();
  if (row) return fromRow(row);
  throw new StudioError(
    'not-found',
    'This data is not known any more.',
    'Choose it again, or bring it back from the trash.',
    {
      field: 'data',
    },
  );
}

export async function keepDataSummary(store: Store, id: string, summary: DataSummary): Promise<void> {
  await store.database
    .updateTable('datasets')
    .set({ summary: JSON.stringify(summary) })
    .where('id', '=', id)
    .execute();
}

/** Copies of ours lie in the data folder, wherever that is. */
export async function relocateDataSets(database: Kysely<Tables>, from: string, to: string): Promise<void> {
  const rows = await database
    .selectFrom('datasets')
    .select(['id', 'location'])
    .where('isCopy', '=', 1)
    .execute();
  for (const { id, location } of rows) {
    const inside = relative(from, location);
    await database
      .updateTable('datasets')
      .set({ location: join(to, inside) })
      .where('id', '=', id)
      .execute();
  }
}

function fromRow({ isCopy, summary, ...row }: Selectable<Tables['datasets']>): KeptDataSet {
  return {
    ...row,
    isCopy: isCopy === 1,
    summary: summary === null ? null : dataSummarySchema.parse(JSON.parse(summary)),
  };
}
