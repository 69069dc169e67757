/** Runs: one training from its recipe to its students, perhaps forked from another run's checkpoint. */

import type { Selectable } from 'kysely';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { StudioError, type StudioErrorCode } from '../../engine/contract/errors.ts';
import { runFolder } from './dataFolder.ts';
import type { Store } from './database.ts';
import { checkedName, getProject } from './projects.ts';
import { writeRunFile } from './runFile.ts';
import type { RunStatus, Tables } from './tables.ts';
import { notTrashed } from './trashed.ts';

type Json = z.infer<ReturnType<typeof z.json>>;

/** Why a run failed or paused. */
export interface RunError {
  readonly code: StudioErrorCode;
  readonly message: string;
  readonly hint: string;
}

export interface Run {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly status: RunStatus;
  /** As it was given, perhaps by an older version: `engine/contract/recipe.ts` parses it. */
  readonly recipe: unknown;
  readonly parentRunId: string | null;
  readonly parentStep: number | null;
  readonly error: RunError | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface NewRun {
  readonly projectId: string;
  readonly name: string;
  readonly recipe: Json;
  /** The run and the step of its checkpoint that this one begins from. */
  readonly parent?: { readonly runId: string; readonly step: number };
  /** Puts what the run begins with into its folder, before the run is there: half of it must never be trained. */
  readonly fill?: (folder: string) => Promise<void>;
}

/** Creates a queued run, its folder and `run.json`. Throws 'not-found' for an unknown project, 'input-invalid'. */
export async function createRun(
  store: Store,
  { projectId, name, recipe, parent, fill }: NewRun,
): Promise<Run> {
  const project = await getProject(store, projectId);
  if (parent !== undefined) await getRun(store, parent.runId);
  const id = newId();
  const createdAt = new Date().toISOString();
  const described = {
    id,
    name: checkedName(name),
    projectId,
    parentRunId: parent?.runId ?? null,
    parentStep: parent?.step ?? null,
    createdAt,
  };
  const file = { version: 1, ...described, projectName: project.name, recipe } as const;
  await fill?.(runFolder(store.data, id));
  await writeRunFile(runFolder(store.data, id), file);
  await store.database
    .insertInto('runs')
    .values({
      ...described,
      status: 'queued',
      recipe: JSON.stringify(recipe),
      error: null,
      updatedAt: createdAt,
    })
    .execute();
  return getRun(store, id);
}

/** Throws StudioError 'not-found'. */
export async function getRun(store: Store, id: string): Promise<Run> {
  const row = await store.database
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', id)
    .where(notTrashed)
    .executeTakeFirst();
  if (row === undefined) throw new StudioError('not-found', 'This run does not exist any more.');
  return fromRow(row);
}

/** The project's runs, or all; the newest first. */
export async function listRuns(store: Store, projectId?: string): Promise<Run[]> {
  const all = store.database.selectFrom('runs').selectAll().where(notTrashed).orderBy('id', 'desc');
  const rows = await (projectId === undefined ? all : all.where('projectId', '=', projectId)).execute();
  return rows.map(fromRow);
}

/** `error` says why a run failed or paused; without it the earlier reason is cleared. Throws 'not-found'. */
export async function setRunStatus(
  store: Store,
  id: string,
  status: RunStatus,
  error?: RunError,
): Promise<Run> {
  const reason =
    error === undefined
      ? null
      : JSON.stringify({ code: error.code, message: error.message, hint: error.hint });
  const change = { status, error: reason, updatedAt: new Date().toISOString() };
  await store.database.updateTable('runs').set(change).where('id', '=', id).execute();
  return getRun(store, id);
}

/** At start-up no run can be running here: those that were are paused, to be resumed. Returns them. */
export async function pauseInterruptedRuns(store: Store): Promise<Run[]> {
  const interrupted: RunError = {
    code: 'engine-unavailable',
    message: 'Stillroom ended while this run was training.',
    hint: 'Resume it: it goes on from its newest checkpoint.',
  };
  const change = { error: JSON.stringify(interrupted), updatedAt: new Date().toISOString() };
  const rows = await store.database
    .updateTable('runs')
    .set({ ...change, status: 'paused' })
    .where('status', '=', 'running')
    .where((run) =>
      run.not(run.exists(run.selectFrom('clusterTasks').select('runId').whereRef('runId', '=', 'runs.id'))),
    )
    .returningAll()
    .execute();
  return rows.map(fromRow);
}

function fromRow({ recipe, error, ...row }: Selectable<Tables['runs']>): Run {
  return {
    ...row,
    recipe: JSON.parse(recipe) as unknown,
    error: error === null ? null : (JSON.parse(error) as RunError),
  };
}
