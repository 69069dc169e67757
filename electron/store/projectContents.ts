/** All that the store knows of one project, as a project file carries it: its rows, without paths of this computer. */
import { sql } from 'kysely';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { dataSummarySchema } from '../../engine/contract/messages/data.ts';
import { columnSchema, measurementSchema } from '../../engine/contract/messages/gallery.ts';
import { draftRecipeSchema, recipeKinds } from '../../engine/contract/messages/recipes.ts';
import type { Store } from './database.ts';
import { listItems, listMeasurements } from './galleryItems.ts';
import { getProject } from './projects.ts';
import { listRuns, type Run } from './runs.ts';
import { runStatuses } from './tables.ts';

const id = z.uuid();
/** Those of projects, runs and checkpoints say when they were made, as the files beside them demand. */
const timedId = z.uuidv7();
const time = z.iso.datetime();
const step = z.int().nonnegative();
const flag = z.literal([0, 1]);
const name = z.string().min(1).max(2000);
const text = z.string().max(20_000);

export const contentsSchema = z.strictObject({
  project: z.strictObject({
    id: timedId,
    name: z.string().min(1).max(200),
    createdAt: time,
    updatedAt: time,
  }),
  drafts: z.array(z.strictObject({ kind: z.enum(recipeKinds), recipe: draftRecipeSchema, savedAt: time })),
  runs: z.array(
    z.strictObject({
      id: timedId,
      name,
      status: z.enum(runStatuses),
      recipe: draftRecipeSchema,
      parentRunId: timedId.nullable(),
      parentStep: step.nullable(),
      createdAt: time,
      updatedAt: time,
    }),
  ),
  /** Those that come along: what was pinned, and the newest of a run that is not done. */
  checkpoints: z.array(
    z.strictObject({
      id: timedId,
      runId: timedId,
      step,
      sequence: z.int().positive(),
      bytes: step,
      createdAt: time,
      pinned: flag,
      best: flag,
    }),
  ),
  /** `file` is a name within the run's samples. */
  samples: z.array(
    z.strictObject({
      id,
      runId: timedId,
      step,
      file: z.string().regex(/^[\w-]{1,80}\.png$/),
      seed: z.int(),
      prompt: text,
      createdAt: time,
    }),
  ),
  galleryItems: z.array(
    z.strictObject({
      id,
      column: columnSchema,
      name: text,
      iteration: z.int().nullable(),
      prompt: text,
      seed: z.int(),
      evaluations: z.int(),
      rating: z.int().min(0).max(5),
      createdAt: time,
    }),
  ),
  measurements: z.array(measurementSchema),
  blindTests: z.array(z.strictObject({ id, createdAt: time, endedAt: time.nullable() })),
  blindPairs: z.array(
    z.strictObject({
      id,
      testId: id,
      position: z.int(),
      firstItemId: id,
      secondItemId: id,
      firstIsLeft: flag,
      choice: z.enum(['first', 'second', 'tie']).nullable(),
    }),
  ),
  /** Picture sets whose files come along; a recipe may name others. */
  datasets: z.array(
    z.strictObject({
      id,
      /** Of the folder or zip. */
      file: z.string().min(1).max(255),
      name,
      createdAt: time,
      summary: dataSummarySchema.nullable(),
    }),
  ),
});
export type ProjectContents = z.infer<typeof contentsSchema>;

/**
 * What the project's file holds, but for its picture sets. Teachers of other projects from which its students learnt
 * come along as runs. Recipes are as the runs keep them.
 *
 * @throws StudioError 'not-found', or 'busy' while one of the runs trains.
 */
export async function readContents(
  store: Store,
  projectId: string,
): Promise<Omit<ProjectContents, 'datasets'>> {
  const { database } = store;
  const project = await getProject(store, projectId);
  const drafts = await database
    .selectFrom('drafts')
    .select(['kind', 'recipe', 'savedAt'])
    .where('projectId', '=', projectId)
    .execute();
  const recipes = drafts.map(({ recipe }) => JSON.parse(recipe) as unknown);
  const runs = withTeachers(await listRuns(store), projectId, recipes);
  const busy = runs.find(({ status }) => status === 'running');
  if (busy) throw new StudioError('busy', `The run “${busy.name}” is training.`, 'Pause it first.');
  const ids = JSON.stringify(runs.map((run) => run.id));
  const ofRuns = sql<boolean>`runId IN (SELECT value FROM json_each(${ids}))`;
  const checkpoints = await database
    .selectFrom('checkpoints')
    .select(['id', 'runId', 'step', 'sequence', 'bytes', 'createdAt', 'pinned', 'best'])
    .where(ofRuns)
    .execute();
  const samples = await database
    .selectFrom('samples')
    .select(['id', 'runId', 'step', 'path', 'seed', 'prompt', 'createdAt'])
    .where(ofRuns)
    .orderBy('id')
    .execute();
  const tests = await database
    .selectFrom('blindTests')
    .select(['id', 'createdAt', 'endedAt'])
    .where('projectId', '=', projectId)
    .execute();
  const items = await listItems(store, projectId);
  const there = new Set(items.map((item) => item.id));
  const pairs = await database
    .selectFrom('blindPairs')
    .selectAll('blindPairs')
    .innerJoin('blindTests', 'blindTests.id', 'blindPairs.testId')
    .where('blindTests.projectId', '=', projectId)
    .execute();
  return contentsSchema.omit({ datasets: true }).parse({
    project,
    drafts: drafts.map((draft, i) => ({ ...draft, recipe: recipes[i] })),
    // Why a run stopped may name folders of this computer.
    runs: runs.map(({ id, name, status, recipe, parentRunId, parentStep, createdAt, updatedAt }) => ({
      ...{ id, name, status, recipe, parentRunId, parentStep, createdAt, updatedAt },
    })),
    checkpoints: checkpoints.filter((one) => one.pinned === 1 || isNewestOpen(one, runs, checkpoints)),
    samples: samples.map(({ path, ...sample }) => ({
      ...sample,
      file: path.split('/').at(-1),
    })),
    galleryItems: items,
    measurements: await listMeasurements(store, projectId),
    blindTests: tests,
    // A picture of it may be in the trash.
    blindPairs: pairs.filter(
      ({ firstItemId, secondItemId }) => there.has(firstItemId) && there.has(secondItemId),
    ),
  });
}

/** The project's runs, and those of others that recipes of these name as their teacher. */
function withTeachers(all: readonly Run[], projectId: string, drafts: readonly unknown[]): Run[] {
  const own = all.filter((run) => run.projectId === projectId);
  const named = new Set([...own.map(({ recipe }) => recipe), ...drafts].map(teacherIdOf));
  return [...own, ...all.filter((run) => run.projectId !== projectId && named.has(run.id))];
}

const teacherIdOf = (recipe: unknown): string =>
  z.object({ teacher: z.string() }).catch({ teacher: '' }).parse(recipe).teacher.replace(/^run:/, '');

interface CheckpointRow {
  readonly id: string;
  readonly runId: string;
  readonly sequence: number;
}

function isNewestOpen(one: CheckpointRow, runs: readonly Run[], all: readonly CheckpointRow[]): boolean {
  if (runs.find(({ id }) => id === one.runId)?.status === 'done') return false;
  return all.every(({ runId, sequence }) => runId !== one.runId || sequence <= one.sequence);
}
