/** Whether a teacher's guidance works: as it was measured here, kept between starts, or as its recipe says. */
import { z } from 'zod';
import { guidanceMeasureSchema, type Teacher } from '../../engine/contract/messages/teachers.ts';
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { guidanceUse, type GuidanceMeasure } from '../../engine/distillation/guidanceUse.ts';
import type { Store } from '../store/database.ts';
import { keepPreference, readPreference } from '../store/preferences.ts';

const NAME = 'guidance';
/** By the teacher's name in recipes; null where it knows no condition. */
const keptSchema = z.record(z.string(), guidanceMeasureSchema.nullable());
export type KeptGuidance = z.infer<typeof keptSchema>;

export const keptGuidance = async (store: Store): Promise<KeptGuidance> =>
  (await readPreference(store, NAME, keptSchema)) ?? {};

export async function keepGuidance(
  store: Store,
  teacher: string,
  measured: KeptGuidance[string],
): Promise<void> {
  await keepPreference(store, NAME, { ...(await keptGuidance(store)), [teacher]: measured });
}

/** A teacher whose recipe was changed under way tells of its phases. */
const recipeSchema = z.object({ conditionDropout: z.number().optional(), data: z.string().optional() });
export const madeSchema = z.object({
  recipe: recipeSchema.optional(),
  phases: z.array(z.object({ recipe: recipeSchema })).optional(),
});

export const readsCaptions = ({ network }: Pick<ModelInfo, 'network'>): boolean =>
  network.family === 'dit' && network.captions !== null;

/** Guidance compares with the condition left out, which the network must have met in training. */
export function guidanceOf(
  { network, made }: Pick<ModelInfo, 'network' | 'made'>,
  measured: GuidanceMeasure | null = null,
): Teacher['guidance'] {
  if (network.classes < 2 && !readsCaptions({ network })) return 'no-condition';
  if (measured) return guidanceUse(measured);
  const { data } = madeSchema.safeParse(made);
  const dropout = (data?.phases?.at(-1)?.recipe ?? data?.recipe)?.conditionDropout;
  if (dropout === undefined) return 'unknown';
  return dropout > 0 ? 'usable' : 'untrained';
}
