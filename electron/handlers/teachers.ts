/** Teachers that come with Stillroom, were trained here or added, and pictures of them. */
import path from 'node:path';
import { v7 as newId } from 'uuid';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Teacher, teacherRequests } from '../../engine/contract/messages/teachers.ts';
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { teacherRecipeSchema } from '../../engine/contract/teacherRecipe.ts';
import { diskFileSystem } from '../../engine/training/fileSystem.ts';
import { bundledTeachers, modelFolder } from '../../engine/training/modelFolder.ts';
import { readSafetensorsHeader } from '../../engine/training/safetensors.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { kindOf } from '../features/describeRuns.ts';
import { readInfo, teacherOf } from '../features/modelSources.ts';
import { recogniseModel } from '../features/recognisedModel.ts';
import { addedTeacherIdOf, locationOf, requireReferences } from '../features/references.ts';
import {
  guidanceOf,
  keepGuidance,
  keptGuidance,
  madeSchema,
  readsCaptions,
  type KeptGuidance,
} from '../features/teacherGuidance.ts';
import { discardTeacher, keepTeacher, listAddedTeachers } from '../store/addedTeachers.ts';
import type { Store } from '../store/database.ts';
import { listRuns } from '../store/runs.ts';
import type { HostContext } from './context.ts';

export function teacherHandlers({
  store,
  engine,
  uploads,
  sources,
  emit,
  pictureFolder,
}: Pick<HostContext, 'store' | 'engine' | 'uploads' | 'sources' | 'emit' | 'pictureFolder'>): DomainHandlers<
  typeof teacherRequests
> {
  const examine = async (folder: string, signal: AbortSignal) =>
    (await engine.api.examine({ folder }, { signal })).guidance;
  return {
    list: () => listTeachers(store),
    async add({ source }, { signal, progress }) {
      const uploaded = uploads.has(source) ? path.join(store.data, 'uploads', `model-${newId()}`) : undefined;
      let guidance: KeptGuidance[string] = null;
      try {
        const recognised = await recogniseModel(
          uploaded === undefined ? sources.locate(source) : await uploads.take(source, uploaded),
        );
        const { id } = await keepTeacher(store.data, recognised, {
          ...{ signal, progress },
          check: async (folder) => void (guidance = await examine(folder, signal)),
        });
        const teacher = `model:${id}`;
        const kept = await keptGuidance(store);
        if (!(teacher in kept)) await keepGuidance(store, teacher, guidance);
        emit('teachers.changed', {});
        return await teacherNamed(store, teacher);
      } finally {
        if (uploaded !== undefined) await diskFileSystem.remove(uploaded);
      }
    },
    async examine({ teacher }, { signal }) {
      requireReferences({ teacher });
      if (!(teacher in (await keptGuidance(store)))) {
        const folder = modelFolder(await locationOf(store, teacher));
        await keepGuidance(store, teacher, await examine(folder, signal));
        emit('teachers.changed', {});
      }
      return teacherNamed(store, teacher);
    },
    async discard({ teacher }) {
      const id = addedTeacherIdOf(teacher);
      if (id === undefined)
        throw new StudioError('input-invalid', 'Only a model that was added can be removed here.');
      const user = (await listRuns(store)).find((run) => teacherOf(run) === teacher);
      if (user)
        throw new StudioError(
          'busy',
          `The run “${user.name}” needs this teacher.`,
          'Discard that run first.',
        );
      await discardTeacher(store.data, id);
      emit('teachers.changed', {});
      return {};
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

/** An added one's pictures are known from its file alone. */
type Named = Pick<Teacher, 'teacher' | 'origin' | 'runId'> & Partial<Pick<Teacher, 'data'>>;

async function listTeachers(store: Store): Promise<Teacher[]> {
  const kept = await keptGuidance(store);
  const named: Named[] = [
    ...bundledTeachers.map((teacher) => ({
      ...{ teacher, origin: 'bundled' as const, runId: null },
      data: teacher === 'toy' ? 'toy' : 'demo',
    })),
    ...(await listAddedTeachers(store.data)).map(({ id }) => ({
      ...{ teacher: `model:${id}`, origin: 'added' as const, runId: null },
    })),
    ...(await listRuns(store))
      .filter((run) => kindOf(run) === 'teacher')
      .map(({ id, recipe }) => ({
        ...{ teacher: `run:${id}`, origin: 'trained' as const, runId: id },
        data: teacherRecipeSchema.safeParse(recipe).data?.data ?? null,
      })),
  ];
  const described = await Promise.all(
    named.map(async (one) => describe(modelFolder(await locationOf(store, one.teacher)), one, kept)),
  );
  return described.filter((teacher) => teacher !== undefined);
}

async function teacherNamed(store: Store, teacher: string): Promise<Teacher> {
  const found = (await listTeachers(store)).find((one) => one.teacher === teacher);
  if (found) return found;
  throw new StudioError('not-found', 'This teacher does not exist any more.', 'Choose another one.');
}

/** Undefined where there is no model yet, e.g. of a run that is not done. */
async function describe(folder: string, named: Named, kept: KeptGuidance): Promise<Teacher | undefined> {
  const info = await readInfo(folder);
  if (!info) return undefined;
  const { name, role, times, network, classNames } = info;
  const { entries } = await readSafetensorsHeader(path.join(folder, 'weights.safetensors'));
  const sizes = [...entries.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const measured = kept[named.teacher] ?? null;
  return {
    ...{ ...named, name, role, classNames, measured },
    steps: times?.length ?? null,
    family: network.family,
    size: network.family === 'dit' ? network.size : 0,
    parameters: sizes.reduce((sum, size) => sum + size, 0),
    readsCaptions: readsCaptions(info),
    data: named.data === undefined ? dataOf(info) : named.data,
    guidance: guidanceOf(info, measured),
  };
}

/** Where another computer's pictures lay says nothing here. */
function dataOf({ made }: ModelInfo): string | null {
  const data = madeSchema.safeParse(made).data?.recipe?.data;
  return data === 'demo' || data === 'toy' ? data : null;
}
