/** The gallery's pictures and measurements in the store. The files lie in `gallery/` of the data folder. */
import { sql } from 'kysely';
import { join } from 'node:path';
import {
  columnSchema,
  measurementSchema,
  type Column,
  type Item,
  type Measurement,
} from '../../engine/contract/messages/gallery.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Store } from './database.ts';
import type { Tables } from './tables.ts';
import { notTrashed } from './trashed.ts';

export const galleryFolder = (data: string): string => join(data, 'gallery');
export const itemFile = (data: string, id: string): string => join(galleryFolder(data), `${id}.png`);

/** In the order in which they were made. */
export async function listItems({ database }: Store, projectId: string): Promise<Item[]> {
  const rows = await database
    .selectFrom('galleryItems')
    .selectAll()
    .where('projectId', '=', projectId)
    .where(notTrashed)
    .orderBy('createdAt')
    // Of one request all have the same time.
    .orderBy(sql`rowid`)
    .execute();
  return rows.map(fromRow);
}

/** Throws StudioError 'not-found'. */
export async function getItem({ database }: Store, id: string): Promise<Item> {
  const row = await database
    .selectFrom('galleryItems')
    .selectAll()
    .where('id', '=', id)
    .where(notTrashed)
    .executeTakeFirst();
  if (row) return fromRow(row);
  throw new StudioError('not-found', 'This picture does not exist any more.');
}

/** Records pictures whose files are there already, under the name of their id. */
export async function recordItems(
  { database }: Store,
  projectId: string,
  items: readonly Omit<Item, 'rating' | 'createdAt'>[],
): Promise<void> {
  const createdAt = new Date().toISOString();
  const rows = items.map(({ column, ...item }) => ({
    ...item,
    ...{ projectId, createdAt, rating: 0 },
    column: columnText(column),
  }));
  await database.insertInto('galleryItems').values(rows).execute();
}

export async function rateItems({ database }: Store, ids: readonly string[], rating: number): Promise<void> {
  await database.updateTable('galleryItems').set({ rating }).where('id', 'in', ids).execute();
}

/** Projects of these pictures. */
export async function projectsOfItems({ database }: Store, ids: readonly string[]): Promise<string[]> {
  const rows = await database
    .selectFrom('galleryItems')
    .select('projectId')
    .distinct()
    .where('id', 'in', ids)
    .execute();
  return rows.map(({ projectId }) => projectId);
}

export async function listMeasurements({ database }: Store, projectId: string): Promise<Measurement[]> {
  const rows = await database
    .selectFrom('measurements')
    .selectAll()
    .where('projectId', '=', projectId)
    .execute();
  return rows.map(({ column, values, count, measuredAt }) =>
    measurementSchema.parse({
      ...{ count, measuredAt },
      column: JSON.parse(column) as unknown,
      values: JSON.parse(values) as unknown,
    }),
  );
}

/** Replaces what was measured of the same columns before. */
export async function recordMeasurements(
  { database }: Store,
  projectId: string,
  measurements: readonly Measurement[],
): Promise<void> {
  const rows = measurements.map(({ column, values, ...measured }) => ({
    ...{ projectId, ...measured },
    column: columnText(column),
    values: JSON.stringify(values),
  }));
  await database.replaceInto('measurements').values(rows).execute();
}

/** One text for one column, whatever the order of its fields. */
export const columnText = ({ model, steps, guidance }: Column): string =>
  JSON.stringify({ model, steps, guidance });

function fromRow({ column, ...row }: Tables['galleryItems']): Item {
  const { id, name, iteration, prompt, seed, evaluations, rating, createdAt } = row;
  return {
    ...{ id, name, iteration, prompt, seed, evaluations, rating, createdAt },
    column: columnSchema.parse(JSON.parse(column)),
  };
}
