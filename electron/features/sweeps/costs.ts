/** What a sweep takes on this computer, from costs that were measured here and are kept between starts. */
import { z } from 'zod';
import type { Recipe } from '../../../engine/contract/recipe.ts';
import { cellsOf, type Cell, type Sweep } from '../../../engine/contract/sweep.ts';
import type { Store } from '../../store/database.ts';
import { keepPreference, readPreference } from '../../store/preferences.ts';
import { workOf, type BackendId } from '../measurements.ts';
import { runCostsSchema } from './runCosts.ts';

/** By what decides them: the work of a run, or the reference of a seed. */
const costsSchema = z.record(z.string(), runCostsSchema.or(z.number()));
export type Costs = z.infer<typeof costsSchema>;

const NAME = 'sweepCosts';
const AT_MOST = 300;

/** Evaluations of the teacher for the reference's samples. */
const REFERENCE_EVALUATIONS = 100;

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

export const referenceKey = ({ name, version, device }: BackendId, { recipe, measuring }: Sweep): string =>
  JSON.stringify(['reference', name, version, device, recipe['teacher'], measuring.count]);

/** One recipe of each kind of work whose costs are not known yet. */
export function unknownWork(backend: BackendId, sweep: Sweep, costs: Costs): Map<string, Recipe> {
  const unknown = new Map<string, Recipe>();
  for (const { recipe } of cellsOf(sweep)) {
    const key = recipe && workKey(backend, recipe, sweep);
    if (key !== undefined && costs[key] === undefined) unknown.set(key, recipe as Recipe);
  }
  return unknown;
}

/** Seconds of the given cells, by default of all; undefined as long as a cost is not known. */
export function secondsOf(
  backend: BackendId,
  sweep: Sweep,
  costs: Costs,
  cells: readonly Cell[] = cellsOf(sweep),
): number | undefined {
  const reference = costs[referenceKey(backend, sweep)];
  if (typeof reference !== 'number') return undefined;
  let sum = new Set(cells.map(({ seed }) => seed)).size * reference;
  for (const { recipe, baseline } of cells) {
    if (baseline)
      sum += (reference * baseline.steps * (baseline.guidance === 1 ? 1 : 2)) / REFERENCE_EVALUATIONS;
    if (!recipe) continue;
    const cost = costs[workKey(backend, recipe, sweep)];
    if (cost === undefined || typeof cost === 'number') return undefined;
    const { iterations, sampleEvery, checkpointEvery } = recipe.training;
    sum +=
      cost.startSeconds +
      iterations * cost.iterationSeconds +
      (1 + Math.ceil(iterations / sampleEvery)) * cost.frameSeconds +
      Math.ceil(iterations / checkpointEvery) * cost.saveSeconds;
  }
  return sum;
}
