/** Sets of pictures and prompts: what comes with Stillroom, what people added, and what is in each. */
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import {
  PROMPT_LETTERS,
  PROMPTS_SHOWN,
  type DataSet,
  type dataRequests,
} from '../../engine/contract/messages/data.ts';
import { isPromptData } from '../../engine/contract/promptData.ts';
import { readPrompts } from '../../engine/data/promptFile.ts';
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
      const arrived = isCopy ? await uploads.locate(source) : sources.locate(source);
      const read = async () => ({ prompts: (await readPrompts(arrived)).length });
      const summary = isPromptData(arrived)
        ? await read().catch(async (error: unknown) => {
            if (isCopy) await uploads.discard(source);
            throw error;
          })
        : null;
      const location = isCopy ? await uploads.take(source, dataSetFolder(store.data, id)) : arrived;
      const name = path.basename(location).replace(/\.zip$/i, '');
      const set = await keepDataSet(store, { id, name, location, isCopy, summary });
      emit('data.changed', {});
      return described(set);
    },
    async inspect({ data, size }, { signal, progress }) {
      requireReferences({ data });
      if (data === 'toy' || isPromptData(data))
        throw new StudioError('input-invalid', 'There are no pictures to report on.', '', { field: 'data' });
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
    async prompts({ data }) {
      requireReferences({ data });
      const id = dataSetIdOf(data);
      if (id === undefined || !isPromptData(data))
        throw new StudioError('input-invalid', 'This data is no text of prompts.', '', { field: 'data' });
      const prompts = await readPrompts(await locationOf(store, data));
      await keepDataSummary(store, id, { prompts: prompts.length });
      emit('data.changed', {});
      const shown = prompts.slice(0, PROMPTS_SHOWN).map((prompt) => prompt.slice(0, PROMPT_LETTERS));
      return { count: prompts.length, prompts: shown };
    },
    async discard({ data }) {
      const id = dataSetIdOf(data);
      if (id === undefined) throw new StudioError('input-invalid', 'What comes with Stillroom stays.');
      const user = (await listRuns(store)).find(
        ({ status, recipe }) =>
          (status === 'running' || status === 'queued') && dataSetIdOf(dataOf(recipe)) === id,
      );
      if (user) throw new StudioError('busy', `The run “${user.name}” needs this data.`, 'Pause it first.');
      const trashId = await discardDataSet(store, id);
      emit('data.changed', {});
      emit('library.changed', {});
      return { trashId };
    },
  };
}

const dataOf = (recipe: unknown) =>
  typeof recipe === 'object' && recipe !== null && 'data' in recipe ? String(recipe.data) : '';

function described({ id, name, location, isCopy, createdAt, summary }: KeptDataSet): DataSet {
  const kind = isPromptData(location) ? 'prompts' : /\.zip$/i.test(location) ? 'zip' : 'folder';
  const data = kind === 'prompts' ? `prompts:${id}` : `data:${id}`;
  return { data, name, origin: 'added', kind, isCopy, addedAt: createdAt, summary };
}
