/** A sweep on this computer: its engine, and the time that it takes, said beforehand. */
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { cellsOf, type Cell, type Sweep } from '../../engine/contract/sweep.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import {
  keepCosts,
  readCosts,
  secondsOf,
  teacherKey,
  unknownWork,
  type Costs,
} from '../features/sweeps/costs.ts';
import { LocalRunner } from '../features/sweeps/localRunner.ts';
import { Measurer } from '../features/sweeps/measurer.ts';
import { rehearse } from '../features/sweeps/rehearsal.ts';
import type { SweepRunner } from '../features/sweeps/runner.ts';
import type { Store } from '../store/database.ts';
import { formatCount, formatDuration } from '../terminal/quantities.ts';
import type { CommandContext } from './command.ts';
import { startEngine } from './engineStart.ts';

/** What is ready to do the work. */
export interface Workplace {
  readonly runner: SweepRunner;
  /** For the report. */
  readonly engine: string;
  readonly estimated: number | null;
  readonly dispose: () => void;
}

/** @param open what is still to be done of it. */
export async function prepareHere(
  store: Store,
  sweep: Sweep,
  open: readonly Cell[],
  { reporter, signal }: CommandContext,
): Promise<Workplace> {
  const backend = await startEngine(reporter, signal);
  const { teacher, data, guidance } = parseRecipe(sweep.recipe);
  const plan = { measuring: sweep.measuring, teacher, data, guidance: guidance.scale };
  reporter.phase('Data', `${data}, and how it is measured`);
  const measurer = await Measurer.open(plan, signal);
  const costs = await learnCosts(store, backend, sweep, measurer, { reporter, signal });
  const estimated = secondsOf(backend, sweep, costs, open, measurer.referenced) ?? NaN;
  const total = cellsOf(sweep).length;
  const finished = total - open.length;
  const before = finished > 0 ? `${finished} of ${total} were finished before; the others` : 'All of it';
  reporter.note(`${before}: about ${formatDuration(estimated)} on this computer.`);
  return {
    runner: new LocalRunner(store, backend, measurer, { reporter, signal }),
    engine: `${backend.name}, ${backend.version}, ${backend.device}`,
    estimated,
    dispose: () => measurer.dispose(),
  };
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
  const teacher = teacherKey(backend, sweep);
  if (unknown.size === 0 && costs[teacher] !== undefined) return costs;
  reporter.phase(
    'Estimate',
    `the teacher, and a few iterations of ${formatCount(unknown.size, 'kind')} of run`,
  );
  const found: Costs = {};
  found[teacher] = await measurer.timeTeacher(sweep.seeds[0] ?? 0);
  for (const [key, recipe] of unknown) {
    reporter.progress({ done: Object.keys(found).length, total: unknown.size + 1, unit: 'parts' });
    found[key] = await rehearse(recipe, measurer, backend, signal);
  }
  return keepCosts(store, found);
}
