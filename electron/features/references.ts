/**
 * How a recipe names things of the data folder: `run:<id>` a teacher trained here, `model:<id>` one that was added,
 * `data:<id>` chosen pictures, `prompts:<id>` a chosen text of prompts.
 */
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { CLASSES_DATA } from '../../engine/contract/promptData.ts';
import type { DraftRecipe } from '../../engine/contract/messages/recipes.ts';
import { addedTeacherFolder } from '../store/addedTeachers.ts';
import { runFolder } from '../store/dataFolder.ts';
import { getDataSet } from '../store/dataSets.ts';
import type { Store } from '../store/database.ts';
import { getRun } from '../store/runs.ts';

const bundled = { teacher: ['emoji', 'toy'], data: ['demo', 'toy', CLASSES_DATA] } as const;
const reference = /^(run|model|data|prompts):([0-9a-f-]{36})$/;
const kinds = { teacher: ['run', 'model'], data: ['data', 'prompts'] } as const;

/**
 * Refuses a recipe of a window that names a path: those come from dialogs and drops only.
 *
 * @throws StudioError 'recipe-invalid' with field `teacher` or `data`.
 */
export function requireReferences(recipe: DraftRecipe): void {
  for (const field of ['teacher', 'data'] as const) {
    const value = recipe[field];
    if (value === undefined || bundled[field].some((name) => name === value)) continue;
    const kind = typeof value === 'string' ? reference.exec(value)?.[1] : undefined;
    if (kinds[field].some((one) => one === kind)) continue;
    throw new StudioError(
      'recipe-invalid',
      `The recipe's ${field} is none that was chosen here.`,
      `Choose the ${field} anew; nothing was changed.`,
      { field },
    );
  }
}

/** The recipe as the engine needs it: folders instead of references. @throws StudioError 'not-found'. */
export async function withLocations(store: Store, recipe: DraftRecipe): Promise<DraftRecipe> {
  const { teacher, data } = recipe;
  return {
    ...recipe,
    ...(typeof teacher === 'string' && { teacher: await locationOf(store, teacher) }),
    ...(typeof data === 'string' && { data: await locationOf(store, data) }),
  };
}

/** A bundled name or a path stays as it is. */
export async function locationOf(store: Store, name: string): Promise<string> {
  const [, kind, id] = reference.exec(name) ?? [];
  if (kind === undefined || id === undefined) return name;
  if (kind === 'run') return path.join(runFolder(store.data, (await getRun(store, id)).id), 'teacher');
  if (kind === 'model') return addedTeacherFolder(store.data, id);
  return (await getDataSet(store, id)).location;
}

/** The id of `model:<id>`; undefined for what is bundled or trained here. */
export function addedTeacherIdOf(name: string): string | undefined {
  const [, kind, id] = reference.exec(name) ?? [];
  return kind === 'model' ? id : undefined;
}

/** The id of `data:<id>` or `prompts:<id>`; undefined for what is bundled. */
export function dataSetIdOf(name: string): string | undefined {
  const [, kind, id] = reference.exec(name) ?? [];
  return kind === 'data' || kind === 'prompts' ? id : undefined;
}
