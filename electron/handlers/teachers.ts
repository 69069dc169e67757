/** Teachers that come with Stillroom or were trained here, and pictures of them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Teacher, teacherRequests } from '../../engine/contract/messages/teachers.ts';
import { modelInfoSchema, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import { teacherRecipeSchema } from '../../engine/contract/teacherRecipe.ts';
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
      const bundled = bundledTeachers.map((name) =>
        describe(modelFolder(name), { teacher: name, runId: null, data: name === 'toy' ? 'toy' : 'demo' }),
      );
      const trained = (await listRuns(store))
        .filter((run) => kindOf(run) === 'teacher')
        .map((run) =>
          describe(path.join(runFolder(store.data, run.id), 'teacher'), {
            ...{ teacher: `run:${run.id}`, runId: run.id },
            data: teacherRecipeSchema.safeParse(run.recipe).data?.data ?? null,
          }),
        );
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
async function describe(
  folder: string,
  named: Pick<Teacher, 'teacher' | 'runId' | 'data'>,
): Promise<Teacher | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(folder, 'model.json'), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  const info = modelInfoSchema.parse(JSON.parse(text));
  const { name, network, classNames } = info;
  const { entries } = await readSafetensorsHeader(path.join(folder, 'weights.safetensors'));
  const sizes = [...entries.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return {
    ...{ ...named, name, classNames },
    origin: named.runId === null ? 'bundled' : 'trained',
    family: network.family,
    size: network.family === 'dit' ? network.size : 0,
    parameters: sizes.reduce((sum, size) => sum + size, 0),
    readsCaptions: network.family === 'dit' && network.captions !== null,
    guidance: guidanceOf(info),
  };
}

/** Guidance compares with the condition left out, which the network must have met in training. */
export function guidanceOf({ network, made }: Pick<ModelInfo, 'network' | 'made'>): Teacher['guidance'] {
  const readsCaptions = network.family === 'dit' && network.captions !== null;
  if (network.classes < 2 && !readsCaptions) return 'no-condition';
  const { data } = madeSchema.safeParse(made);
  const recipe = data?.recipe ?? data?.phases?.at(-1)?.recipe;
  if (recipe === undefined) return 'unknown';
  return recipe.conditionDropout > 0 ? 'usable' : 'no-dropout';
}

/** A teacher whose recipe was changed under way tells of its phases. */
const recipeSchema = z.object({ conditionDropout: z.number() });
const madeSchema = z.object({
  recipe: recipeSchema.optional(),
  phases: z.array(z.object({ recipe: recipeSchema })).optional(),
});
