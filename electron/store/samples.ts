/** Samples: the pictures that a run's students made, and all that is needed to make them again. */

import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Store } from './database.ts';
import type { Sample } from './tables.ts';

/** `path` is relative to the data folder, with `/`; one recorded before under the same path is replaced. */
export async function recordSample(store: Store, sample: Omit<Sample, 'id' | 'createdAt'>): Promise<Sample> {
  if (/^\/|\\|^[a-z]:|(?:^|\/)\.\.(?:\/|$)/i.test(sample.path)) {
    throw new StudioError('input-invalid', 'A sample must lie in the data folder.', '', { field: 'path' });
  }
  const row = { id: newId(), ...sample, createdAt: new Date().toISOString() };
  await store.database.replaceInto('samples').values(row).execute();
  return row;
}

/** Those of one step, or all: the newest step first, in the order in which they were made. */
export async function listSamples(store: Store, runId: string, step?: number): Promise<Sample[]> {
  const all = store.database.selectFrom('samples').selectAll().where('runId', '=', runId);
  return (step === undefined ? all : all.where('step', '=', step))
    .orderBy('step', 'desc')
    .orderBy('id')
    .execute();
}

/** Throws StudioError 'not-found'. */
export async function getSample(store: Store, id: string): Promise<Sample> {
  const sample = await store.database
    .selectFrom('samples')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (sample === undefined) throw new StudioError('not-found', 'This sample does not exist any more.');
  return sample;
}
