/** Sweeps and experiments: what a window plans becomes a sweep of recipes; what they cost and what they found. */
import { StudioError } from '../../engine/contract/errors.ts';
import { sweepOf } from '../../engine/contract/experiments/experiment.ts';
import { experimentNamed } from '../../engine/contract/experiments/experiments.ts';
import type { Plan, SweepEstimate, sweepRequests } from '../../engine/contract/messages/sweeps.ts';
import { requireTeacher, type ModelInfo } from '../../engine/contract/modelInfo.ts';
import { CLASSES_DATA } from '../../engine/contract/promptData.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { cellsOf, measuringOf, variantsOf, type Sweep } from '../../engine/contract/sweep.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import { modelFolder } from '../../engine/training/modelFolder.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { exportFolder } from '../features/exportFolder.ts';
import { readInfo } from '../features/modelSources.ts';
import { locationOf, requireReferences, withLocations } from '../features/references.ts';
import { keepCosts, readCosts, secondsOf, teacherKey, unknownWork } from '../features/sweeps/costs.ts';
import { locatedPlan } from '../features/sweeps/locatedPlan.ts';
import { readSweepReport } from '../features/sweeps/sweepReport.ts';
import { learntData, requirePictures, scaleOf } from '../features/sweeps/teacherScale.ts';
import { writeSweepReport } from '../features/sweeps/writeSweepReport.ts';
import type { Store } from '../store/database.ts';
import { getRun } from '../store/runs.ts';
import { getSweep, listSweeps } from '../store/sweeps.ts';
import type { HostContext } from './context.ts';

export function sweepHandlers({
  store,
  engine,
  sweeps,
}: Pick<HostContext, 'store' | 'engine' | 'sweeps'>): DomainHandlers<typeof sweepRequests> {
  const estimate = async (sweep: Sweep): Promise<SweepEstimate> => {
    const { backend } = engine.state;
    const runs = cellsOf(sweep).length;
    return { runs, seconds: backend ? (secondsOf(backend, sweep, await readCosts(store)) ?? null) : null };
  };
  return {
    place: () => sweeps.place(),
    async setPlace(place) {
      await sweeps.setPlace(place);
      return {};
    },
    list: async ({ projectId }) =>
      Promise.all((await listSweeps(store, projectId)).map((kept) => sweeps.describe(kept))),
    estimate: async ({ plan }) => estimate(await sweepFor(store, plan)),
    async measure({ plan }, { signal, progress }) {
      const sweep = await sweepFor(store, plan);
      const { backend } = engine.state;
      if (!backend)
        throw new StudioError('engine-unavailable', 'The engine is not ready.', 'Try again soon.');
      const works = await Promise.all(
        [...unknownWork(backend, sweep, await readCosts(store))].map(
          async ([key, recipe]) => [key, await withLocations(store, { ...recipe })] as const,
        ),
      );
      const { teacher, costs } = await engine.api.rehearseSweep(
        {
          plan: await locatedPlan(store, sweep),
          seed: sweep.seeds[0] ?? 0,
          works: Object.fromEntries(works),
        },
        { signal, onProgress: progress },
      );
      await keepCosts(store, { ...costs, [teacherKey(backend, sweep)]: teacher });
      return estimate(sweep);
    },
    start: async ({ projectId, plan }) => sweeps.start(projectId, await sweepFor(store, plan)),
    pause: ({ id }) => sweeps.pause(id),
    resume: ({ id }) => sweeps.resume(id),
    report: async ({ id }) => readSweepReport(store, await getSweep(store, id)),
    async exportReport({ id }) {
      const report = await readSweepReport(store, await getSweep(store, id));
      const folder = exportFolder(store, report.name);
      await writeSweepReport(store, report, folder);
      return { folder };
    },
    async discard({ id }) {
      await sweeps.discard(id);
      return {};
    },
  };
}

/** @throws StudioError 'recipe-invalid', 'not-found'. */
async function sweepFor(store: Store, plan: Plan): Promise<Sweep> {
  if (plan.kind === 'experiment') {
    const { teacher, seeds } = plan;
    const experiment = experimentNamed(plan.experiment);
    requireReferences({ teacher, ...(plan.data !== undefined && { data: plan.data }) });
    const info = await teacherInfo(store, teacher);
    const data = plan.data ?? (await dataOf(store, teacher, info));
    return checked(sweepOf(experiment, { scale: scaleOf(info), teacher, data, seeds }));
  }
  const { recipe, vary, seeds } = plan;
  requireReferences(recipe);
  const { name, teacher } = parseRecipe(recipe);
  const info = await teacherInfo(store, teacher);
  const measuring = measuringOf(scaleOf(info));
  const variants = variantsOf(vary);
  return checked({ name, experiment: null, recipe, variants, baselines: [], seeds, measuring });
}

async function teacherInfo(store: Store, teacher: string): Promise<ModelInfo> {
  const info = await readInfo(modelFolder(await locationOf(store, teacher)));
  if (info) requireTeacher(info);
  if (info) return info;
  throw new StudioError('not-found', 'This teacher does not exist any more.', 'Choose another.', {
    field: 'teacher',
  });
}

/**
 * What the teacher learnt; of one that was trained here as its run names it, since windows name no paths. Where pictures
 * lay that one from elsewhere learnt says nothing here: its classes do.
 */
async function dataOf(store: Store, teacher: string, info: ModelInfo): Promise<string> {
  const [kind, id] = teacher.split(':');
  if (kind === 'run' && id !== undefined) return parseTeacherRecipe((await getRun(store, id)).recipe).data;
  if (kind !== 'model') return learntData(info);
  const data = learntData(info, CLASSES_DATA);
  if (data === 'demo' || data === 'toy') return data;
  if (info.classNames.length > 0) return CLASSES_DATA;
  throw new StudioError(
    'input-invalid',
    `What “${info.name}” learnt is not here, and it has no classes.`,
    'Choose pictures or prompts for it.',
    { field: 'data' },
  );
}

/** Refuses what misses real pictures, unknown fields and wrong values before anything is kept. */
function checked(sweep: Sweep): Sweep {
  requirePictures(sweep);
  cellsOf(sweep);
  return sweep;
}
