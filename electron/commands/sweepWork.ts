/** What `sweep` and `experiment` share: the estimate before, the work, the table and the report after. */
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { cellsOf, type Sweep } from '../../engine/contract/sweep.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { openStudio, projectNamed } from '../features/openStudio.ts';
import {
  type Costs,
  keepCosts,
  readCosts,
  referenceKey,
  secondsOf,
  unknownWork,
} from '../features/sweeps/costs.ts';
import { LocalRunner } from '../features/sweeps/localRunner.ts';
import { Measurer } from '../features/sweeps/measurer.ts';
import { rehearse } from '../features/sweeps/rehearsal.ts';
import { openCells, runSweep } from '../features/sweeps/runSweep.ts';
import { resultsTable, runsTable } from '../features/sweeps/resultsTable.ts';
import { readSweepReport } from '../features/sweeps/sweepReport.ts';
import { writeSweepReport } from '../features/sweeps/writeSweepReport.ts';
import { dataFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { createSweep, findSweep } from '../store/sweeps.ts';
import { formatCount, formatDuration } from '../terminal/quantities.ts';
import { PAUSED, type CommandContext } from './command.ts';
import { startEngine } from './engineStart.ts';

export interface SweepWork {
  readonly sweep: Sweep;
  /** Where the report goes. */
  readonly out: string;
  /** The words that make this sweep again, for the report. */
  readonly command: string;
  /** Begins anew what was done before. */
  readonly fresh: boolean;
  /** Only say what it would take. */
  readonly estimateOnly: boolean;
}

export async function workOff(
  { sweep, out, command, fresh, estimateOnly }: SweepWork,
  { reporter, signal }: CommandContext,
): Promise<number> {
  const cells = cellsOf(sweep);
  const store = await openStudio(dataFolder(), reporter);
  try {
    const backend = await startEngine(reporter, signal);
    const { teacher, data, guidance } = parseRecipe(sweep.recipe);
    const plan = { measuring: sweep.measuring, teacher, data, guidance: guidance.scale };
    const measurer = await Measurer.open(plan, signal);
    const costs = await learnCosts(store, backend, sweep, measurer, { reporter, signal });
    const project = await projectNamed(store, 'Experiments');
    const earlier = fresh ? undefined : await findSweep(store, project.id, sweep);
    const open = earlier ? await openCells(store, earlier) : cells;
    const estimated = secondsOf(backend, sweep, costs, open) ?? NaN;
    const finished = cells.length - open.length;
    const before =
      finished > 0 ? `${finished} of ${cells.length} were finished before; the others` : 'All of it';
    reporter.note(`${before}: about ${formatDuration(estimated)} on this computer.`);
    if (estimateOnly) {
      reporter.done(`About ${formatDuration(estimated)}.`, { estimatedSeconds: estimated });
      return 0;
    }
    const kept = earlier ?? (await createSweep(store, project.id, sweep));
    const started = performance.now();
    const names = new Map([...sweep.variants, ...sweep.baselines].map(({ key, name }) => [key, name]));
    const completed = await runSweep(
      store,
      kept,
      new LocalRunner(store, backend, measurer, { reporter, signal }),
      ({ variant, seed }, { done, total }) =>
        reporter.phase(`${names.get(variant) ?? variant}, seed ${seed}`, `${done + 1} of ${total}`),
    ).catch((error: unknown) => {
      // Interrupted while a teacher was sampled: nothing of that is kept, everything before is.
      if (error instanceof StudioError && error.code === 'cancelled') return false;
      throw error;
    });
    measurer.dispose();
    if (!completed) {
      reporter.done('Paused; nothing is lost. The same command goes on from here.', { sweep: kept.id });
      return PAUSED;
    }
    const seconds = (performance.now() - started) / 1000;
    const made = {
      command,
      engine: `${backend.name}, ${backend.version}, ${backend.device}`,
      seconds,
      estimated,
    };
    const report = await readSweepReport(store, kept, made);
    if (sweep.experiment === null) reporter.table(runsTable(report));
    reporter.table(resultsTable(report));
    const page = await writeSweepReport(store, report, path.resolve(out));
    const facts = { sweep: kept.id, page, verdict: report.verdict, estimatedSeconds: estimated, seconds };
    reporter.done(`${report.verdict ? `${report.verdict} at this scale. ` : ''}Open ${page}`, facts);
    return 0;
  } finally {
    await store.close();
  }
}

/** The costs that are not known yet, each from a short run. */
async function learnCosts(
  store: Store,
  backend: ActiveBackend,
  sweep: Sweep,
  measurer: Measurer,
  { reporter, signal }: Pick<CommandContext, 'reporter' | 'signal'>,
): Promise<Costs> {
  const costs = await readCosts(store);
  const unknown = unknownWork(backend, sweep, costs);
  const reference = referenceKey(backend, sweep);
  if (unknown.size === 0 && costs[reference] !== undefined) return costs;
  reporter.phase('Estimate', `a few iterations of ${formatCount(unknown.size, 'kind')} of run`);
  const found: Costs = {};
  found[reference] = await measurer.timeReference(sweep.seeds[0] ?? 0);
  for (const [key, recipe] of unknown) {
    reporter.progress({ done: Object.keys(found).length, total: unknown.size + 1, unit: 'kinds' });
    found[key] = await rehearse(recipe, measurer, backend, signal);
  }
  return keepCosts(store, found);
}
