/** Projects, and the demo project that is there at first start. */
import { z } from 'zod';
import type { Project, projectRequests } from '../../engine/contract/messages/projects.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import type { Store } from '../store/database.ts';
import { keepPreference, readPreference } from '../store/preferences.ts';
import { createProject, getProject, listProjects, renameProject, touchProject } from '../store/projects.ts';
import type { Project as StoredProject } from '../store/tables.ts';
import { discardProject } from '../store/trash.ts';
import { notTrashed } from '../store/trashed.ts';
import type { HostContext } from './context.ts';

const demoPreference = 'demoProject';

/** Makes the demo project once; one that was thrown away does not come back. */
export async function ensureDemoProject(store: Store): Promise<void> {
  if ((await readPreference(store, demoPreference, z.string())) !== undefined) return;
  const { id } = await createProject(store, 'Emoji demo');
  await keepPreference(store, demoPreference, id);
}

export function projectHandlers({
  store,
  emit,
}: Pick<HostContext, 'store' | 'emit'>): DomainHandlers<typeof projectRequests> {
  const changed = async (project: StoredProject) => {
    emit('projects.changed', {});
    return describe(store, project);
  };
  return {
    list: async () => Promise.all((await listProjects(store)).map((project) => describe(store, project))),
    create: async ({ name }) => changed(await createProject(store, name)),
    open: async ({ id }) => changed(await touchProject(store, id)),
    rename: async ({ id, name }) => changed(await renameProject(store, id, name)),
    async discard({ id }) {
      await getProject(store, id);
      await discardProject(store, id);
      emit('projects.changed', {});
      emit('library.changed', {});
      return {};
    },
  };
}

async function describe(store: Store, project: StoredProject): Promise<Project> {
  const { database } = store;
  const runs = await database
    .selectFrom('runs')
    .select(['id', 'status'])
    .where('projectId', '=', project.id)
    .where(notTrashed)
    .execute();
  const cover = await database
    .selectFrom('samples')
    .innerJoin('runs', 'runs.id', 'samples.runId')
    .select('samples.id')
    .where('runs.projectId', '=', project.id)
    .where('runs.id', 'not in', database.selectFrom('trashed').select('trashed.id'))
    .orderBy('samples.id', 'desc')
    .executeTakeFirst();
  return {
    ...project,
    isDemo: (await readPreference(store, demoPreference, z.string())) === project.id,
    runs: runs.length,
    students: runs.filter(({ status }) => status === 'done').length,
    cover: cover ? `samples/${cover.id}` : null,
  };
}
