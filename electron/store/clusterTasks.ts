/** What a cluster has of the sweeps: a row a cell from its submission until its results are back. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Store } from './database.ts';
import type { Tables } from './tables.ts';

export type ClusterTask = Readonly<Tables['clusterTasks']>;

/** Of one sweep, or all; in the order of their array jobs. */
export async function listClusterTasks(store: Store, sweepId?: string): Promise<ClusterTask[]> {
  const all = store.database.selectFrom('clusterTasks').selectAll().orderBy('submission').orderBy('position');
  return (sweepId === undefined ? all : all.where('sweepId', '=', sweepId)).execute();
}

export async function addClusterTasks(store: Store, tasks: readonly ClusterTask[]): Promise<void> {
  await store.database
    .insertInto('clusterTasks')
    .values([...tasks])
    .execute();
}

/** Once the cluster said under which number it has them. */
export async function keepClusterJob(store: Store, submission: string, job: string): Promise<void> {
  await store.database
    .updateTable('clusterTasks')
    .set({ job })
    .where('submission', '=', submission)
    .execute();
}

/** The results are here, or there will be none. */
export async function dropClusterTask(
  store: Store,
  { sweepId, variant, seed }: Pick<ClusterTask, 'sweepId' | 'variant' | 'seed'>,
): Promise<void> {
  await store.database
    .deleteFrom('clusterTasks')
    .where('sweepId', '=', sweepId)
    .where('variant', '=', variant)
    .where('seed', '=', seed)
    .execute();
}

/** Runs that must not be trained here meanwhile. */
export async function clusterRunIds(store: Store): Promise<ReadonlySet<string>> {
  return new Set((await listClusterTasks(store)).flatMap(({ runId }) => runId ?? []));
}

/** @throws StudioError 'busy' for a run that a cluster has. */
export async function requireHere(store: Store, runId: string): Promise<void> {
  if (!(await clusterRunIds(store)).has(runId)) return;
  throw new StudioError(
    'busy',
    'This run is with the cluster.',
    'Its sweep, among the experiments, pauses and resumes it.',
  );
}
