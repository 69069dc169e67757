/** Projects: a name under which runs are kept together. */

import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Store } from './database.ts';
import type { Project } from './tables.ts';
import { notTrashed } from './trashed.ts';

/** Throws StudioError 'input-invalid' for a name of no or more than 200 characters. */
export async function createProject(store: Store, name: string): Promise<Project> {
  const now = new Date().toISOString();
  const project = { id: newId(), name: checkedName(name), createdAt: now, updatedAt: now };
  await store.database.insertInto('projects').values(project).execute();
  return project;
}

/** The one touched last comes first. */
export async function listProjects(store: Store): Promise<Project[]> {
  return store.database
    .selectFrom('projects')
    .selectAll()
    .where(notTrashed)
    .orderBy('updatedAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Throws 'not-found'. */
export async function getProject(store: Store, id: string): Promise<Project> {
  const project = await store.database
    .selectFrom('projects')
    .selectAll()
    .where('id', '=', id)
    .where(notTrashed)
    .executeTakeFirst();
  if (project === undefined) throw new StudioError('not-found', 'This project does not exist any more.');
  return project;
}

/** Puts it first in the list. Throws 'not-found'. */
export async function touchProject(store: Store, id: string): Promise<Project> {
  const change = { updatedAt: new Date().toISOString() };
  await store.database.updateTable('projects').set(change).where('id', '=', id).execute();
  return getProject(store, id);
}

/** Throws 'not-found' and 'input-invalid'. */
export async function renameProject(store: Store, id: string, name: string): Promise<Project> {
  await getProject(store, id);
  const change = { name: checkedName(name), updatedAt: new Date().toISOString() };
  await store.database.updateTable('projects').set(change).where('id', '=', id).execute();
  return getProject(store, id);
}

/** The name without spaces around it. Throws 'input-invalid' unless it has 1 to 200 characters. */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length >= 1 && trimmed.length <= 200) return trimmed;
  throw new StudioError('input-invalid', 'A name needs 1 to 200 characters.', '', { field: 'name' });
}
