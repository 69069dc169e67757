/** Runs: queued, paused, resumed, forked; their curves and frames. What they tell while they train is `runQueue.ts`. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { runRequests } from '../../engine/contract/messages/runs.ts';
import { withChanges } from '../../engine/contract/recipeChanges.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { asCheckpoint, asFrame, asRun, kindOf, recipeOf } from '../features/describeRuns.ts';
import { forkRun } from '../features/forkRun.ts';
import { judgeRun } from '../features/judgeRun.ts';
import { listRunCheckpoints, pinCheckpoint } from '../store/checkpoints.ts';
import { listMetrics, readCurve } from '../store/metrics.ts';
import { createRun, getRun, listRuns } from '../store/runs.ts';
import { listSamples } from '../store/samples.ts';
import type { HostContext } from './context.ts';
import { completeRecipe } from './recipes.ts';

export function runHandlers({
  store,
  queue,
}: Pick<HostContext, 'store' | 'queue'>): DomainHandlers<typeof runRequests> {
  return {
    list: async ({ projectId }) => (await listRuns(store, projectId)).map(asRun),
    async get({ id }) {
      const run = await getRun(store, id);
      return {
        ...asRun(run),
        recipe: recipeOf(run),
        checkpoints: (await listRunCheckpoints(store, id)).map(asCheckpoint),
        metrics: await listMetrics(store, id),
      };
    },
    async start({ projectId, kind, recipe: given }) {
      const recipe = completeRecipe(kind, given);
      const { id } = await createRun(store, { projectId, name: recipe.name, recipe });
      return asRun(await queue.enqueue(id));
    },
    pause: async ({ id }) => asRun(await queue.pause(id)),
    async resume({ id }) {
      const { status } = await getRun(store, id);
      if (status === 'done')
        throw new StudioError('input-invalid', 'This run is done.', 'Fork it to go on with it.');
      return asRun(await queue.enqueue(id));
    },
    order: async () => ({ ids: await queue.order() }),
    async arrange({ ids }) {
      await queue.arrange(ids);
      return {};
    },
    async sampleNow({ id }) {
      await queue.sampleNow(id);
      return {};
    },
    look: ({ id, tau }) => queue.look(id, tau),
    views: ({ id }) => queue.viewsOf(id),
    verdicts: ({ id }) => judgeRun(store, id),
    async fork({ id, checkpointId, name, changes }) {
      const parent = await getRun(store, id);
      const checkpoint = (await listRunCheckpoints(store, id)).find((one) => one.id === checkpointId);
      if (!checkpoint) throw new StudioError('not-found', 'This checkpoint does not exist any more.');
      const changed = withChanges(recipeOf(parent), { ...changes, name });
      const recipe = completeRecipe(kindOf(parent), changed);
      const fork = await forkRun(store, parent, { name, recipe, checkpoint });
      return asRun(await queue.enqueue(fork.id));
    },
    async pinCheckpoint({ checkpointId, pinned }) {
      await queue.pinsChanged(await pinCheckpoint(store, checkpointId, pinned));
      return {};
    },
    curve: ({ id, name, pieces, from, to }) =>
      readCurve(store, id, name, {
        pieces,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      }),
    frames: async ({ id }) => (await listSamples(store, id)).map(asFrame),
  };
}
