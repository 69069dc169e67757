/** Goes through a sweep's cells, one after another; what was finished before is not repeated. */
import { cellsOf, type Cell } from '../../../engine/contract/sweep.ts';
import type { Store } from '../../store/database.ts';
import { createRun, getRun, listRuns, type Run } from '../../store/runs.ts';
import { keepCell, listCells, type KeptCell, type KeptSweep } from '../../store/sweeps.ts';
import { baselinePicture, pictureFile, sweepPictures } from './sweepFolder.ts';
import type { SweepRunner } from './runner.ts';

export interface SweepProgress {
  readonly done: number;
  readonly total: number;
}

/** Resolves to false when it was paused. A run that fails is told in its record, and the next one begins. */
export async function runSweep(
  store: Store,
  kept: KeptSweep,
  runner: SweepRunner,
  onCell: (cell: Cell, progress: SweepProgress) => void,
): Promise<boolean> {
  const cells = cellsOf(kept.sweep);
  for (const [done, cell] of cells.entries()) {
    onCell(cell, { done, total: cells.length });
    const begun = (await listCells(store, kept.id)).find(isOf(cell));
    if (cell.baseline) {
      if (begun?.values) continue;
      const values = await runner.baseline(
        cell.baseline,
        cell.seed,
        pictureFile(sweepPictures(store.data), baselinePicture(kept.id, cell.variant, cell.seed)),
      );
      if (values)
        await keepCell(store, kept.id, { variant: cell.variant, seed: cell.seed, runId: null, values });
    } else if (cell.recipe) {
      const run = await runOf(store, kept, cell, begun);
      if (hasEnded(run)) continue;
      if ((await runner.train(run, cell.recipe)) === 'paused') return false;
    }
  }
  return true;
}

/** The runs of all cells, made where there is none, so that a queue can take them. */
export async function queueRuns(store: Store, kept: KeptSweep): Promise<Run[]> {
  const begun = await listCells(store, kept.id);
  const runs: Run[] = [];
  for (const cell of cellsOf(kept.sweep)) {
    if (cell.recipe) runs.push(await runOf(store, kept, cell, begun.find(isOf(cell))));
  }
  return runs;
}

/** The cell's run, made where there is none. */
export const runOfCell = async (store: Store, kept: KeptSweep, cell: Cell): Promise<Run> =>
  runOf(store, kept, cell, (await listCells(store, kept.id)).find(isOf(cell)));

async function runOf(store: Store, kept: KeptSweep, cell: Cell, begun: KeptCell | undefined): Promise<Run> {
  if (begun?.runId != null) return getRun(store, begun.runId);
  const { variant, seed, recipe } = cell;
  if (!recipe) throw new RangeError('a baseline has no run');
  const run = await createRun(store, { projectId: kept.projectId, name: recipe.name, recipe });
  await keepCell(store, kept.id, { variant, seed, runId: run.id, values: null });
  return run;
}

const isOf =
  ({ variant, seed }: Cell) =>
  (kept: KeptCell): boolean =>
    kept.variant === variant && kept.seed === seed;

/** What is still to be done; a student that exploded is a result as well. */
export async function openCells(store: Store, kept: KeptSweep): Promise<Cell[]> {
  const begun = await listCells(store, kept.id);
  const ended = new Set((await listRuns(store, kept.projectId)).filter(hasEnded).map(({ id }) => id));
  return cellsOf(kept.sweep).filter((cell) => {
    const { runId = null, values = null } = begun.find(isOf(cell)) ?? {};
    return values === null && (runId === null || !ended.has(runId));
  });
}

export async function sweepProgress(store: Store, kept: KeptSweep): Promise<SweepProgress> {
  const total = cellsOf(kept.sweep).length;
  return { done: total - (await openCells(store, kept)).length, total };
}

export const hasEnded = ({ status, error }: Run): boolean => status === 'done' || error?.code === 'diverged';
