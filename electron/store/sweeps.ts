/** Sweeps: their plan, and the run or the numbers of each cell that was begun. */
import type { Selectable } from 'kysely';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { sweepSchema, type Sweep } from '../../engine/contract/sweep.ts';
import type { Store } from './database.ts';
import type { Tables } from './tables.ts';
import { notTrashed } from './trashed.ts';

export interface KeptSweep {
  readonly id: string;
  readonly projectId: string;
  readonly sweep: Sweep;
  readonly createdAt: string;
}

/** A cell that was begun. */
export interface KeptCell {
  readonly variant: string;
  readonly seed: number;
  /** Null where there is no run, or it was thrown away. */
  readonly runId: string | null;
  readonly values: Readonly<Record<string, number>> | null;
}

const valuesSchema = z.record(z.string(), z.number());

export async function createSweep(store: Store, projectId: string, sweep: Sweep): Promise<KeptSweep> {
  const row = { id: newId(), projectId, sweep: JSON.stringify(sweep), createdAt: new Date().toISOString() };
  await store.database.insertInto('sweeps').values(row).execute();
  return fromRow(row);
}

/** The project's, or all; newest first. */
export async function listSweeps(store: Store, projectId?: string): Promise<KeptSweep[]> {
  const all = store.database.selectFrom('sweeps').selectAll().orderBy('id', 'desc');
  const rows = await (projectId === undefined ? all : all.where('projectId', '=', projectId)).execute();
  return rows.map(fromRow);
}

/** @throws StudioError 'not-found'. */
export async function getSweep(store: Store, id: string): Promise<KeptSweep> {
  const row = await store.database.selectFrom('sweeps').selectAll().where('id', '=', id).executeTakeFirst();
  if (row) return fromRow(row);
  throw new StudioError('not-found', 'This sweep does not exist any more.');
}

/** The newest of that very plan. */
export async function findSweep(
  store: Store,
  projectId: string,
  sweep: Sweep,
): Promise<KeptSweep | undefined> {
  const wanted = JSON.stringify(sweep);
  return (await listSweeps(store, projectId)).find((kept) => JSON.stringify(kept.sweep) === wanted);
}

/** The sweep that a run belongs to. */
export async function sweepOfRun(store: Store, runId: string): Promise<KeptSweep | undefined> {
  const row = await store.database
    .selectFrom('sweepCells')
    .select('sweepId')
    .where('runId', '=', runId)
    .executeTakeFirst();
  return row && getSweep(store, row.sweepId);
}

export async function listCells(store: Store, sweepId: string): Promise<KeptCell[]> {
  const rows = await store.database
    .selectFrom('sweepCells')
    .selectAll()
    .where('sweepId', '=', sweepId)
    .execute();
  const there = await store.database.selectFrom('runs').select('id').where(notTrashed).execute();
  const ids = new Set(there.map(({ id }) => id));
  return rows.map(({ variant, seed, runId, values }) => ({
    ...{ variant, seed },
    runId: runId !== null && ids.has(runId) ? runId : null,
    values: values === null ? null : valuesSchema.parse(JSON.parse(values)),
  }));
}

/** Replaces what the cell had. */
export async function keepCell(
  store: Store,
  sweepId: string,
  { variant, seed, runId, values }: KeptCell,
): Promise<void> {
  const row = { sweepId, variant, seed, runId, values: values && JSON.stringify(values) };
  await store.database.replaceInto('sweepCells').values(row).execute();
}

/** Forgets the plan; its runs stay. */
export async function deleteSweep(store: Store, id: string): Promise<void> {
  await store.database.deleteFrom('sweeps').where('id', '=', id).execute();
}

function fromRow({ sweep, ...row }: Selectable<Tables['sweeps']>): KeptSweep {
  return { ...row, sweep: sweepSchema.parse(JSON.parse(sweep)) };
}
