/** Models that can be sampled: bundled teachers, models of runs, checkpoints; as windows name them and where they lie. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Source } from '../../engine/contract/messages/gallery.ts';
import { modelInfoSchema, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import { hasCode } from '../../engine/training/fileSystem.ts';
import { bundledTeachers, modelFolder } from '../../engine/training/modelFolder.ts';
import type { ModelSource } from '../engineProcess/messages.ts';
import { addedTeacherFolder, listAddedTeachers } from '../store/addedTeachers.ts';
import { listRunCheckpoints } from '../store/checkpoints.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { getRun, listRuns, type Run } from '../store/runs.ts';
import { kindOf } from './describeRuns.ts';
import { locationOf } from './references.ts';

/** What is proposed for a teacher. */
const TEACHER_STEPS = 50;

/** Bundled and added models first, then the project's runs, the newest first, each with its checkpoints. */
export async function listSources(store: Store, projectId: string): Promise<Source[]> {
  const bundled = await Promise.all(
    bundledTeachers.map(async (name) => describe(name, name, await readInfo(modelFolder(name)))),
  );
  const added = await Promise.all(
    (await listAddedTeachers(store.data)).map(async ({ id }) =>
      describe(`model:${id}`, `model:${id}`, await readInfo(addedTeacherFolder(store.data, id))),
    ),
  );
  const runs = await Promise.all((await listRuns(store, projectId)).map((run) => sourcesOfRun(store, run)));
  return [...[...bundled, ...added].filter((source) => source !== undefined), ...runs.flat()];
}

async function sourcesOfRun(store: Store, run: Run): Promise<Source[]> {
  const model = `run:${run.id}`;
  const isTeacher = kindOf(run) === 'teacher';
  const finished = await readInfo(finishedFolder(store, run));
  const teacher = isTeacher ? model : teacherOf(run);
  const info = finished ?? (isTeacher ? undefined : await readInfo(teacherFolder(store, teacher)));
  const checkpoints = await listRunCheckpoints(store, run.id);
  // A teacher that is not done yet has no model.json to tell what it reads.
  if (!info) return [];
  const described = describe(model, teacher, info, run);
  return [
    ...(finished && described ? [described] : []),
    ...checkpoints.flatMap(({ id, step, best }) =>
      described ? [{ ...described, model: `checkpoint:${id}`, iteration: step, best }] : [],
    ),
  ];
}

function describe(
  model: string,
  teacher: string,
  info: ModelInfo | undefined,
  run?: Run,
): Source | undefined {
  if (!info) return undefined;
  const { network, classNames } = info;
  const isStudent = run ? kindOf(run) === 'distillation' : info.role === 'student';
  return {
    ...{ model, teacher, classNames },
    name: run?.name ?? info.name,
    role: isStudent ? 'student' : 'teacher',
    runId: run?.id ?? null,
    iteration: null,
    best: false,
    steps: isStudent ? (run ? stepsOf(run) : (info.times?.length ?? 1)) : TEACHER_STEPS,
    family: network.family,
    readsCaptions: network.family === 'dit' && network.captions !== null,
  };
}

/** Where the engine finds it. @throws StudioError 'not-found'. */
export async function locateSource(store: Store, model: string): Promise<ModelSource> {
  const [kind, id] = model.split(':');
  if (id === undefined) return { kind: 'model', folder: modelFolder(model), places: {} };
  if (kind === 'run') {
    const run = await getRun(store, id);
    return { kind: 'model', folder: finishedFolder(store, run), places: await placesOf(store, run) };
  }
  if (kind === 'model') return { kind, folder: addedTeacherFolder(store.data, id), places: {} };
  const row = await store.database
    .selectFrom('checkpoints')
    .select('runId')
    .where('id', '=', id)
    .executeTakeFirst();
  const run = row && (await getRun(store, row.runId));
  const found = run && (await listRunCheckpoints(store, run.id)).find((one) => one.id === id);
  if (run && found) return { kind: 'checkpoint', folder: found.folder, places: await placesOf(store, run) };
  throw new StudioError('not-found', 'This checkpoint does not exist any more.', 'Choose a newer one.');
}

/** Leaves out what is not there any more: to sample a model, neither is needed. */
async function placesOf(store: Store, { recipe }: Run): Promise<ModelSource['places']> {
  const named = z.looseObject({ teacher: z.string().optional(), data: z.string().optional() }).parse(recipe);
  const place = async (name: 'teacher' | 'data') => {
    const value = named[name];
    if (value === undefined) return {};
    return locationOf(store, value).then(
      (location) => ({ [name]: location }),
      (error: unknown) => {
        if (error instanceof StudioError && error.code === 'not-found') return {};
        throw error;
      },
    );
  };
  return { ...(await place('teacher')), ...(await place('data')) };
}

const finishedFolder = (store: Store, run: Run): string =>
  path.join(runFolder(store.data, run.id), kindOf(run) === 'teacher' ? 'teacher' : 'student');

const teacherFolder = (store: Store, teacher: string): string => {
  const [kind, id = ''] = teacher.split(':');
  if (kind === 'model') return addedTeacherFolder(store.data, id);
  return kind === 'run' ? path.join(runFolder(store.data, id), 'teacher') : modelFolder(teacher);
};

export const teacherOf = ({ recipe }: Run): string =>
  z.object({ teacher: z.string() }).catch({ teacher: 'emoji' }).parse(recipe).teacher;

const stepsOf = ({ recipe }: Run): number =>
  z
    .object({ student: z.object({ steps: z.int() }) })
    .catch({ student: { steps: 1 } })
    .parse(recipe).student.steps;

/** Undefined where there is no model yet. */
export async function readInfo(folder: string): Promise<ModelInfo | undefined> {
  try {
    return modelInfoSchema.parse(JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
