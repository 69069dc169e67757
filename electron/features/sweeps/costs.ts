/** What a sweep takes on this computer, from costs that were measured here and are kept between starts. */
import { z } from 'zod';
import { parseRecipe, type Recipe } from '../../../engine/contract/recipe.ts';
import { cellsOf, type Baseline, type Cell, type Sweep } from '../../../engine/contract/sweep.ts';
import type { Store } from '../../store/database.ts';
import { keepPreference, readPreference } from '../../store/preferences.ts';
import { workOf, type BackendId } from '../measurements.ts';
import { REFERENCE_STEPS, runCostsSchema, teacherCostsSchema, type TeacherCosts } from './runCosts.ts';

/** By what decides them: the work of a run, or the teacher and how many of its samples are measured. */
const costsSchema = z.record(z.string(), runCostsSchema.or(teacherCostsSchema));
export type Costs = z.infer<typeof costsSchema>;

const NAME = 'sweepCosts';
const AT_MOST = 300;

export const readCosts = async (store: Store): Promise<Costs> =>
  (await readPreference(store, NAME, costsSchema)) ?? {};

/** The oldest are forgotten where there are too many. */
export async function keepCosts(store: Store, found: Costs): Promise<Costs> {
  const costs = { ...(await readCosts(store)), ...found };
  await keepPreference(store, NAME, Object.fromEntries(Object.entries(costs).slice(-AT_MOST)));
  return costs;
}

export const workKey = (backend: BackendId, recipe: Recipe, { measuring }: Sweep): string =>
  JSON.stringify([workOf(backend, recipe), measuring]);

export const teacherKey = ({ name, version, device }: BackendId, { recipe, measuring }: Sweep): string =>
  JSON.stringify(['teacher', name, version, device, recipe['teacher'], measuring.count]);

/** One recipe of each kind of work whose costs are not known yet. */
export function unknownWork(backend: BackendId, sweep: Sweep, costs: Costs): Map<string, Recipe> {
  const unknown = new Map<string, Recipe>();
  for (const { recipe } of cellsOf(sweep)) {
    const key = recipe && workKey(backend, recipe, sweep);
    if (key !== undefined && costs[key] === undefined) unknown.set(key, recipe as Recipe);
  }
  return unknown;
}

/**
 * Seconds of the given cells, by default of all; undefined as long as a cost is not known.
 *
 * @param referenced seeds whose reference is there already.
 */
export function secondsOf(
  backend: BackendId,
  sweep: Sweep,
  costs: Costs,
  cells: readonly Cell[] = cellsOf(sweep),
  referenced: readonly number[] = [],
): number | undefined {
  const teacher = costs[teacherKey(backend, sweep)];
  if (!teacher || !('referenceSeconds' in teacher)) return undefined;
  const { guidance } = parseRecipe(sweep.recipe);
  const seeds = new Set(cells.map(({ seed }) => seed).filter((seed) => !referenced.includes(seed)));
  let sum = seeds.size * teacher.referenceSeconds;
  for (const { recipe, baseline } of cells) {
    if (baseline) sum += secondsOfTeacher(teacher, baseline, guidance.scale);
    if (!recipe) continue;
    const cost = costs[workKey(backend, recipe, sweep)];
    if (!cost || !('startSeconds' in cost)) return undefined;
    const { iterations, sampleEvery, checkpointEvery } = recipe.training;
    sum +=
      cost.startSeconds +
      iterations * cost.iterationSeconds +
      (1 + Math.ceil(iterations / sampleEvery)) * cost.frameSeconds +
      Math.ceil(iterations / checkpointEvery) * cost.saveSeconds;
  }
  return sum;
}

/** The reference is measured as it is made. */
function secondsOfTeacher(costs: TeacherCosts, { steps, guidance }: Baseline, referenceGuidance: number) {
  if (steps === REFERENCE_STEPS && guidance === referenceGuidance) return costs.sampleSeconds;
  return costs.sampleSeconds + steps * (guidance === 1 ? 1 : 2) * costs.evaluationSeconds;
}
