/** Teachers that come with Stillroom or were trained here, and pictures of them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Teacher, teacherRequests } from '../../engine/contract/messages/teachers.ts';
import { modelInfoSchema } from '../../engine/contract/modelInfo.ts';
import { bundledTeachers, modelFolder } from '../../engine/training/modelFolder.ts';
import { readSafetensorsHeader } from '../../engine/training/safetensors.ts';
import { hasCode } from '../../engine/training/fileSystem.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { kindOf } from '../features/describeRuns.ts';
import { locationOf, requireReferences } from '../features/references.ts';
import { runFolder } from '../store/dataFolder.ts';
import { listRuns } from '../store/runs.ts';
import type { HostContext } from './context.ts';

export function teacherHandlers({
  store,
  engine,
  pictureFolder,
}: Pick<HostContext, 'store' | 'engine' | 'pictureFolder'>): DomainHandlers<typeof teacherRequests> {
  return {
    async list() {
      const bundled = bundledTeachers.map((name) => describe(name, modelFolder(name), null));
      const trained = (await listRuns(store))
        .filter((run) => kindOf(run) === 'teacher')
        .map(({ id }) => describe(`run:${id}`, path.join(runFolder(store.data, id), 'teacher'), id));
      return (await Promise.all([...bundled, ...trained])).filter((teacher) => teacher !== undefined);
    },
    async sample({ teacher, ...asked }, { signal, progress }) {
      requireReferences({ teacher });
      const { pictures, ...counts } = await engine.api.sample(
        { ...asked, model: await locationOf(store, teacher), pictureFolder },
        { signal, onProgress: progress },
      );
      return {
        ...counts,
        pictures: pictures.map(({ file, caption }) => ({
          media: `pictures/${path.parse(file).name}`,
          caption,
        })),
      };
    },
  };
}

/** Undefined where there is no model yet, e.g. of a run that is not done. */
async function describe(teacher: string, folder: string, runId: string | null): Promise<Teacher | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(folder, 'model.json'), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  const { name, network, classNames } = modelInfoSchema.parse(JSON.parse(text));
  const { entries } = await readSafetensorsHeader(path.join(folder, 'weights.safetensors'));
  const sizes = [...entries.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return {
    ...{ teacher, name, runId, classNames },
    origin: runId === null ? 'bundled' : 'trained',
    family: network.family,
    size: network.family === 'dit' ? network.size : 0,
    parameters: sizes.reduce((sum, size) => sum + size, 0),
    readsCaptions: network.family === 'dit' && network.captions !== null,
  };
}
