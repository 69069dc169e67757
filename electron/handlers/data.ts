/** Picture sets: what comes with Stillroom, what people added, and a report on each. */
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import type { DataSet, dataRequests } from '../../engine/contract/messages/data.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { dataSetIdOf, locationOf, requireReferences } from '../features/references.ts';
import {
  dataSetFolder,
  keepDataSet,
  keepDataSummary,
  listDataSets,
  type KeptDataSet,
} from '../store/dataSets.ts';
import { listRuns } from '../store/runs.ts';
import { discardDataSet } from '../store/trash.ts';
import type { HostContext } from './context.ts';

const bundled: readonly DataSet[] = [
  { data: 'demo', name: 'Emoji', kind: 'zip' } as const,
  { data: 'toy', name: 'Eight blobs', kind: 'points' } as const,
].map((set) => ({ ...set, origin: 'bundled', isCopy: false, addedAt: null, summary: null }));

export function dataHandlers({
  store,
  uploads,
  sources,
  reader,
  emit,
  pictureFolder,
}: Pick<HostContext, 'store' | 'uploads' | 'sources' | 'reader' | 'emit' | 'pictureFolder'>): DomainHandlers<
  typeof dataRequests
> {
  return {
    list: async () => [...bundled, ...(await listDataSets(store)).map(described)],
    async add({ source }) {
      const id = newId();
      const isCopy = uploads.has(source);
      const location = isCopy
        ? await uploads.take(source, dataSetFolder(store.data, id))
        : sources.locate(source);
      const name = path.basename(location).replace(/\.zip$/i, '');
      const set = await keepDataSet(store, { id, name, location, isCopy });
      emit('data.changed', {});
      return described(set);
    },
    async inspect({ data, size }, { signal, progress }) {
      requireReferences({ data });
      if (data === 'toy')
        throw new StudioError('input-invalid', 'A toy has no pictures to report on.', '', { field: 'data' });
      const location = await locationOf(store, data);
      const options = { signal, onProgress: progress };
      const inspection = await reader.inspect({ location, size, pictureFolder }, options);
      const id = dataSetIdOf(data);
      if (id !== undefined) {
        const { used, found, classes } = inspection.report;
        await keepDataSummary(store, id, { size, used, found, classes: classes.length });
        emit('data.changed', {});
      }
      return inspection;
    },
    async discard({ data }) {
      const id = dataSetIdOf(data);
      if (id === undefined) throw new StudioError('input-invalid', 'What comes with Stillroom stays.');
      const user = (await listRuns(store)).find(
        ({ status, recipe }) => (status === 'running' || status === 'queued') && dataOf(recipe) === data,
      );
      if (user)
        throw new StudioError('busy', `The run “${user.name}” needs these pictures.`, 'Pause it first.');
      const trashId = await discardDataSet(store, id);
      emit('data.changed', {});
      emit('library.changed', {});
      return { trashId };
    },
  };
}

const dataOf = (recipe: unknown) =>
  typeof recipe === 'object' && recipe !== null && 'data' in recipe ? recipe.data : undefined;

function described({ id, name, location, isCopy, createdAt, summary }: KeptDataSet): DataSet {
  return {
    ...{ data: `data:${id}`, name, isCopy, addedAt: createdAt, summary },
    origin: 'added',
    kind: /\.zip$/i.test(location) ? 'zip' : 'folder',
  };
}
