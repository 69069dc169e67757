/** What a sweep's students are measured by, with folders where the recipe names things of the data folder. */
import { parseRecipe } from '../../../engine/contract/recipe.ts';
import type { Sweep } from '../../../engine/contract/sweep.ts';
import type { Store } from '../../store/database.ts';
import { withLocations } from '../references.ts';
import type { MeasurerPlan } from './measurer.ts';

export async function locatedPlan(store: Store, { recipe, measuring }: Sweep): Promise<MeasurerPlan> {
  const { teacher, data, guidance } = parseRecipe(await withLocations(store, recipe));
  return { teacher, data, guidance: guidance.scale, measuring };
}
