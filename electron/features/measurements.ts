/** What trainings took on this computer, kept between starts, and what a recipe will therefore take. */
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { EngineState } from '../../engine/contract/messages/app.ts';
import { time } from '../../engine/contract/messages/define.ts';
import type { Estimate } from '../../engine/contract/messages/recipes.ts';
import { isSupervised, usesFakeScore, type Recipe } from '../../engine/contract/recipe.ts';
import { wholeFrom } from '../../engine/contract/studentSampling.ts';
import type { TeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import { CHECKPOINTS_KEPT } from '../../engine/training/checkpointFolder.ts';
import { measurementSchema, type Measurement } from '../engineProcess/messages.ts';
import type { Store } from '../store/database.ts';
import { keepPreference, readPreference } from '../store/preferences.ts';

type Backend = EngineState['backend'];
export type BackendId = Pick<NonNullable<Backend>, 'name' | 'device' | 'version'>;

const keptSchema = z.array(
  z.strictObject({ ...measurementSchema.shape, work: z.string(), measuredAt: time }),
);
type Kept = z.infer<typeof keptSchema>[number];

const NAME = 'measurements';
const AT_MOST = 200;

/** What is to be trained, by a recipe with its defaults. */
export type Work =
  | { readonly kind: 'distillation'; readonly recipe: Recipe }
  | { readonly kind: 'teacher'; readonly recipe: TeacherRecipe };

/** Null where this work was never measured with this backend on this device. */
export async function measuredEstimate(
  store: Store,
  backend: Backend,
  wanted: Work,
): Promise<Estimate | null> {
  if (!backend) return null;
  const kept = await readPreference(store, NAME, keptSchema);
  const found = kept?.find(({ work }) => work === nameOf(backend, wanted));
  return found ? estimateOf(found, wanted) : null;
}

export async function keepMeasurement(
  store: Store,
  backend: Backend,
  wanted: Work,
  measured: Measurement,
): Promise<Estimate> {
  if (!backend)
    throw new StudioError('engine-unavailable', 'The engine stopped meanwhile.', 'Measure again.');
  const work = nameOf(backend, wanted);
  const others = (await readPreference(store, NAME, keptSchema)) ?? [];
  const one: Kept = { ...measured, work, measuredAt: new Date().toISOString() };
  const kept = [one, ...others.filter((other) => other.work !== work)].slice(0, AT_MOST);
  await keepPreference(store, NAME, kept);
  return estimateOf(one, wanted);
}

const nameOf = (backend: BackendId, { kind, recipe }: Work): string =>
  kind === 'teacher' ? teacherWorkOf(backend, recipe) : workOf(backend, recipe);

function teacherWorkOf({ name, device, version }: BackendId, recipe: TeacherRecipe): string {
  const { data, size, network, training } = recipe;
  return JSON.stringify({
    engine: [name, version, device],
    ...{ data, size, network, batch: training.batch, precision: training.precision },
  });
}

/** Names all that decides what one iteration of a distillation costs, and where. */
export function workOf({ name, device, version }: BackendId, recipe: Recipe): string {
  const { student, training, cfgAugmentation, distributionMatching, meanVariance, gan, fakeScore } = recipe;
  return JSON.stringify({
    engine: [name, version, device],
    model: [recipe.teacher, recipe.data],
    method: [recipe.method, recipe.consistency.solver],
    steps: student.steps,
    batch: training.batch,
    terms: [cfgAugmentation, distributionMatching, meanVariance, gan].map(({ weight }) => weight > 0),
    shared: recipe.renoising.schedule === 'coupled-shared',
    fakeSteps: usesFakeScore(recipe) ? fakeScore.stepsPerStudentStep : 0,
    supervised: isSupervised(recipe),
  });
}

function estimateOf(
  { secondsPerIteration, secondsPerDistance, memoryBytes, checkpointBytes, modelBytes, measuredAt }: Kept,
  { kind, recipe }: Work,
): Estimate {
  const { iterations, checkpointEvery } = recipe.training;
  const made = Math.ceil(iterations / checkpointEvery);
  // The best outlives the newest.
  const kept = Math.min(
    CHECKPOINTS_KEPT + (kind === 'distillation' && recipe.supervision.chooseBest === 'on' ? 1 : 0),
    made,
  );
  const unmeasured = kind === 'distillation' ? Math.floor(wholeFrom(recipe) / checkpointEvery) : 0;
  const distanceSeconds = (made - unmeasured) * secondsPerDistance;
  return {
    ...{ secondsPerIteration, distanceSeconds, memoryBytes, measuredAt },
    seconds: iterations * secondsPerIteration + distanceSeconds,
    diskBytes: kept * checkpointBytes + modelBytes,
  };
}
