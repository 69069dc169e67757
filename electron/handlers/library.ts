/** The library: the graph of what was made from what, with sizes; the trash; model folders to take away. */
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { libraryRequests, LibraryNode, TrashEntry } from '../../engine/contract/messages/library.ts';
import { CLASSES_DATA } from '../../engine/contract/promptData.ts';
import { bundledTeachers, modelFolder } from '../../engine/training/modelFolder.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { kindOf } from '../features/describeRuns.ts';
import { exportFolder } from '../features/exportFolder.ts';
import { fileSize, folderSize } from '../features/folderSize.ts';
import { readInfo, locateSource, teacherOf } from '../features/modelSources.ts';
import { addedTeacherFolder, listAddedTeachers } from '../store/addedTeachers.ts';
import { listRunCheckpoints } from '../store/checkpoints.ts';
import { runFolder } from '../store/dataFolder.ts';
import { listDataSets } from '../store/dataSets.ts';
import type { Store } from '../store/database.ts';
import { itemFile } from '../store/galleryItems.ts';
import { listProjects } from '../store/projects.ts';
import { getRun, listRuns, type Run } from '../store/runs.ts';
import { discardRun, emptyTrash, listTrash, restore, trashFolder } from '../store/trash.ts';
import type { HostContext } from './context.ts';

export function libraryHandlers({
  store,
  engine,
  emit,
}: Pick<HostContext, 'store' | 'engine' | 'emit'>): DomainHandlers<typeof libraryRequests> {
  /** Runs, projects, pictures and picture sets may all have come or gone. */
  const tellAll = async () => {
    emit('library.changed', {});
    emit('projects.changed', {});
    emit('data.changed', {});
    for (const { id } of await listProjects(store)) emit('gallery.changed', { projectId: id });
  };
  return {
    list: async () => ({ nodes: await listNodes(store), trash: await describeTrash(store) }),
    async discardRun({ runId }) {
      const trashId = await discardRun(store, runId);
      await tellAll();
      return { trashId };
    },
    async restore({ trashId }) {
      await restore(store, trashId);
      await tellAll();
      return {};
    },
    async emptyTrash() {
      const entries = await describeTrash(store);
      await emptyTrash(store);
      await tellAll();
      return { bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
    async exportModel({ runId, numbers }) {
      const run = await getRun(store, runId);
      const source = await locateSource(store, await exportable(store, run));
      const folder = exportFolder(store, run.name, numbers.toLowerCase());
      const { weights } = await engine.api.exportModel({ source, folder, numbers });
      return { folder, bytes: await folderSize(folder), weights };
    },
  };
}

/** The finished model, or the newest checkpoint. @throws StudioError 'not-found' where there is neither. */
async function exportable(store: Store, run: Run): Promise<string> {
  const name = `run:${run.id}`;
  if (await readInfo((await locateSource(store, name)).folder)) return name;
  const [newest] = await listRunCheckpoints(store, run.id);
  if (newest) return `checkpoint:${newest.id}`;
  throw new StudioError('not-found', `The run “${run.name}” has no checkpoint yet; nothing was written.`);
}

async function listNodes(store: Store): Promise<LibraryNode[]> {
  const projects = new Map((await listProjects(store)).map(({ id, name }) => [id, name]));
  const runs = await listRuns(store);
  const described = await Promise.all(
    runs.map((run) => describeRun(store, run, projects.get(run.projectId) ?? null)),
  );
  const named = new Set(described.flatMap(({ parents }) => parents.map(({ key }) => key)));
  const datasets = await listDataSets(store);
  const data = [
    { key: 'data:demo', name: 'Emoji', createdAt: null },
    { key: 'data:toy', name: 'Toy', createdAt: null },
    { key: `data:${CLASSES_DATA}`, name: 'Classes, no pictures', createdAt: null },
    ...datasets.map(({ id, name, createdAt }) => ({ key: `data:${id}`, name, createdAt })),
  ];
  const bundled = await Promise.all(
    bundledTeachers
      .filter((name) => named.has(`teacher:${name}`))
      .map(async (name) => {
        const info = await readInfo(modelFolder(name));
        return {
          ...plain('teacher', `teacher:${name}`, info?.name ?? name, null),
          parents: [dataParent(info?.made['recipe'])],
          bytes: await folderSize(modelFolder(name)),
        };
      }),
  );
  const added = await Promise.all(
    (await listAddedTeachers(store.data)).map(async ({ id, addedAt }) => {
      const folder = addedTeacherFolder(store.data, id);
      const info = await readInfo(folder);
      return {
        ...plain(info?.role ?? 'teacher', `teacher:model:${id}`, info?.name ?? id, addedAt),
        bytes: await folderSize(folder),
      };
    }),
  );
  for (const { parents } of bundled) for (const { key } of parents) named.add(key);
  return [
    ...data
      .filter(({ key }) => named.has(key))
      .map(({ key, name, createdAt }) => plain('data', key, name, createdAt)),
    ...bundled,
    ...added,
    ...described,
  ];
}

const plain = (
  kind: LibraryNode['kind'],
  key: string,
  name: string,
  createdAt: string | null,
): LibraryNode => ({
  ...{ key, kind, name, createdAt, projectName: null, runId: null, status: null, parents: [] },
  ...{ bytes: 0, checkpoints: 0, canExport: false },
});

async function describeRun(store: Store, run: Run, projectName: string | null): Promise<LibraryNode> {
  const { id, name, status, createdAt, parentRunId } = run;
  const isTeacher = kindOf(run) === 'teacher';
  const checkpoints = await listRunCheckpoints(store, id);
  const source = await locateSource(store, `run:${id}`);
  const teacher = teacherOf(run);
  return {
    ...{ name, projectName, status, createdAt, runId: id, key: `run:${id}` },
    kind: isTeacher ? 'teacher' : 'student',
    parents: [
      ...(parentRunId !== null ? [{ key: `run:${parentRunId}`, relation: 'fork' as const }] : []),
      dataParent(run.recipe),
      ...(isTeacher
        ? []
        : [
            {
              key: teacher.startsWith('run:') ? teacher : `teacher:${teacher}`,
              relation: 'teacher' as const,
            },
          ]),
    ],
    bytes: await folderSize(runFolder(store.data, id)),
    checkpoints: checkpoints.length,
    canExport: checkpoints.length > 0 || (await readInfo(source.folder)) !== undefined,
  };
}

/** What a model of this recipe learnt from. */
function dataParent(recipe: unknown): LibraryNode['parents'][number] {
  const { data } = z.object({ data: z.string() }).catch({ data: 'demo' }).parse(recipe);
  return { key: `data:${data.replace(/^(data|prompts):/, '')}`, relation: 'data' };
}

async function describeTrash(store: Store): Promise<TrashEntry[]> {
  const entries = await listTrash(store);
  return Promise.all(
    entries.map(async ({ ids, ...entry }) => {
      const sizes = await Promise.all(
        ids.map((id) =>
          entry.kind === 'pictures'
            ? fileSize(itemFile(store.data, id))
            : folderSize(path.join(trashFolder(store.data), id)),
        ),
      );
      return {
        ...entry,
        count: entry.kind === 'project' ? ids.length - 1 : ids.length,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
      };
    }),
  );
}
