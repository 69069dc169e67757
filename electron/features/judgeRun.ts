/** Verdicts of a run in the store: its curves in so many pieces, its recipe, its checkpoints. */
import type { RunVerdict } from '../../engine/contract/messages/runs.ts';
import { recipeSchema } from '../../engine/contract/recipe.ts';
import { listRunCheckpoints } from '../store/checkpoints.ts';
import type { Store } from '../store/database.ts';
import { readCurve } from '../store/metrics.ts';
import { getRun, listRuns, type Run } from '../store/runs.ts';
import { judge, type Curve } from '../../engine/distillation/verdicts.ts';

const PIECES = 400;

/** A teacher's training is not judged. @throws StudioError 'not-found'. */
export async function judgeRun(store: Store, id: string): Promise<RunVerdict[]> {
  const run = await getRun(store, id);
  const recipe = recipeSchema.safeParse(run.recipe).data;
  if (!recipe) return [];
  const curve = (name: string) => readCurve(store, id, name, { pieces: PIECES });
  return judge({
    recipe,
    curves: {
      fake_loss: [...(await earlierCurve(store, run, 'fake_loss')), ...(await curve('fake_loss'))],
      ca_rms: await curve('ca_rms'),
      x_std: await curve('x_std'),
      data_deviation: await curve('data_deviation'),
      distance: await curve('distance'),
    },
    checkpoints: await listRunCheckpoints(store, id),
  });
}

/** What the runs that it was forked from recorded until then: a loss is judged by its least. */
async function earlierCurve(store: Store, { parentRunId, parentStep }: Run, name: string): Promise<Curve> {
  if (parentRunId === null || !parentStep) return [];
  const parent = (await listRuns(store)).find(({ id }) => id === parentRunId);
  // It may have been thrown away.
  if (!parent) return [];
  const own = await readCurve(store, parentRunId, name, { pieces: PIECES, to: parentStep });
  return [...(await earlierCurve(store, parent, name)), ...own];
}
