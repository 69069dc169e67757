/** `stillroom train-teacher`: a flow-matching teacher from a recipe, or a paused one carried on. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import {
  parseTeacherRecipe,
  teacherRecipeSchema,
  type TeacherRecipe,
} from '../../engine/contract/teacherRecipe.ts';
import { readCheckpoint } from '../../engine/training/checkpoint.ts';
import { newestVerified } from '../../engine/training/checkpointFolder.ts';
import { writeModel } from '../../engine/training/modelFile.ts';
import { openTeacherTraining } from '../../engine/training/teacherJob.ts';
import { findRun } from '../features/findRun.ts';
import { openStudio, projectNamed } from '../features/openStudio.ts';
import { storeJournal } from '../features/runJournal.ts';
import {
  curveCsv,
  teacherHistory,
  teacherTraining,
  trainTeacherRun,
  type TrainingHistory,
} from '../features/teacherTraining.ts';
import { dataFolder, runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { createRun, type Run } from '../store/runs.ts';
import type { Reporter } from '../terminal/reporter.ts';
import { parseWords, PAUSED, readSettings, requireFree, withFields, type Command } from './command.ts';
import { startEngine } from './engineStart.ts';

/** What is to be trained; a new training has no run until its data could be read. */
interface Plan {
  readonly recipe: TeacherRecipe;
  readonly history: TrainingHistory;
  readonly run?: Run;
}

export const trainTeacherCommand: Command = {
  summary: 'Train a teacher on the demo set, a toy or a folder of images.',
  usage: `stillroom train-teacher [--recipe FILE] [--FIELD VALUE …] [--resume RUN] [--out FOLDER]

  --recipe FILE    a JSON recipe; every field has a default
  --FIELD VALUE    any field of the recipe, e.g. --data ~/pictures --training.iterations 2000
  --resume RUN     go on with a run, named by id, the start of it, or name; fields given now replace its own
  --out FOLDER     where the teacher goes (default: “teacher” in the run's own folder)`,
  async run({ words, reporter, signal }) {
    const kinds = { recipe: 'string', resume: 'string', out: 'string' } as const;
    const { flags, fields } = parseWords(words, kinds, teacherRecipeSchema);
    const { recipe: file, resume, out } = flags;
    if (file !== undefined && resume !== undefined)
      throw new StudioError(
        'input-invalid',
        'A run goes on with its own recipe, so --recipe and --resume exclude each other.',
        'Change single fields instead, e.g. --training.iterations 8000.',
      );
    const begun: Plan | undefined =
      resume === undefined
        ? {
            recipe: parseTeacherRecipe(await readSettings(teacherRecipeSchema, file, fields)),
            history: { seconds: 0, changes: [] },
          }
        : undefined;
    requireFree(out);
    const store = await openStudio(dataFolder(), reporter);
    try {
      const plan = begun ?? (await resumedPlan(store, resume ?? '', fields, reporter));
      if (plan.run) requireFree(out ?? teacherFolder(store, plan.run));
      return await train(store, plan, out, reporter, signal);
    } finally {
      await store.close();
    }
  },
};

const teacherFolder = (store: Store, run: Run) => path.join(runFolder(store.data, run.id), 'teacher');

async function resumedPlan(
  store: Store,
  wanted: string,
  fields: Readonly<Record<string, string>>,
  reporter: Reporter,
): Promise<Plan> {
  const run = await findRun(store, wanted);
  const { checkpoint } = await newestVerified(runFolder(store.data, run.id));
  const state = checkpoint && (await readCheckpoint(checkpoint.folder)).state;
  if (state && state['kind'] !== teacherTraining)
    throw new StudioError('input-invalid', `The run “${run.name}” does not train a teacher.`);
  const { recipe: given, ...history } = teacherHistory(state, run.recipe);
  const recipe = parseTeacherRecipe(withFields(teacherRecipeSchema, given, fields));
  const changed = Object.entries(fields).map(([name, value]) => `${name} is now ${value}`);
  if (changed.length === 0) return { run, recipe, history };
  reporter.note(`The recipe was changed: ${changed.join(', ')}.`);
  const changes = [...history.changes, { iteration: state?.step ?? 0, fields }];
  return { run, recipe, history: { ...history, changes } };
}

async function train(
  store: Store,
  { recipe, history, run: existing }: Plan,
  out: string | undefined,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<number> {
  const backend = await startEngine(reporter, signal);
  reporter.phase('Data', recipe.data);
  const onProgress = (done: number, total: number) => reporter.progress({ done, total, unit: 'images' });
  const job = await openTeacherTraining(recipe, { signal, onProgress });
  try {
    const run = existing ?? (await newRun(store, recipe));
    reporter.phase(`Train ${recipe.name}`, `run ${run.id}`);
    const outcome = await trainTeacherRun(storeJournal(store, run), job, {
      backend,
      history,
      reporter,
      signal,
    });
    if (!outcome.completed) {
      const resume = `stillroom train-teacher --resume ${run.id}`;
      reporter.done(`Paused at iteration ${outcome.iteration}; nothing is lost. Go on with: ${resume}`, {
        run: run.id,
      });
      return PAUSED;
    }
    const folder = path.resolve(out ?? teacherFolder(store, run));
    await writeModel(folder, { ...job.info, made: outcome.made }, job.teacherWeights(), 'F16');
    await writeFile(path.join(folder, 'curve.csv'), await curveCsv(store, run, outcome.iteration));
    reporter.done(`The teacher is in ${folder}`, { run: run.id, teacher: folder });
    return 0;
  } finally {
    job.dispose();
  }
}

async function newRun(store: Store, recipe: TeacherRecipe): Promise<Run> {
  const { id: projectId } = await projectNamed(store, 'Teachers');
  return createRun(store, { projectId, name: recipe.name, recipe });
}
