/** Projects, and the demo project that is there at first start. */
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Project, projectRequests } from '../../engine/contract/messages/projects.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { kindOfFile } from '../features/projectFile/archive.ts';
import { downloadFile, newDownload } from '../features/projectFile/downloads.ts';
import { openProject } from '../features/projectFile/openProject.ts';
import { saveProject } from '../features/projectFile/saveProject.ts';
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
  sources,
  uploads,
  version,
}: Pick<HostContext, 'store' | 'emit' | 'sources' | 'uploads' | 'version'>): DomainHandlers<
  typeof projectRequests
> {
  let isOpening = false;
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
    async save({ id, withPictures, target }, { signal, progress }) {
      const download = target === null ? await newDownload(store.data) : undefined;
      const file = target === null ? downloadFile(store.data, download ?? '') : sources.locate(target);
      const options = { projectId: id, withPictures, version, signal, progress };
      const { bytes } = await saveProject(store, file, options);
      return { bytes, media: download === undefined ? null : `projects/${download}` };
    },
    kindOfFile: async ({ source }) => ({
      kind: await kindOfFile(uploads.has(source) ? await uploads.locate(source) : sources.locate(source)),
    }),
    async openFile({ source }, { signal, progress }) {
      if (isOpening)
        throw new StudioError('busy', 'Another project is being opened.', 'Wait until it is there.');
      isOpening = true;
      try {
        const isUpload = uploads.has(source);
        const file = isUpload ? await uploads.locate(source) : sources.locate(source);
        const id = await openProject(store, file, { signal, progress });
        if (isUpload) await uploads.discard(source);
        emit('library.changed', {});
        emit('data.changed', {});
        return await changed(await getProject(store, id));
      } finally {
        isOpening = false;
      }
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
