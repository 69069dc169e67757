/** What `sweep` and `experiment` share: the work, here or on a cluster, the table and the report after. */
import path from 'node:path';
import type { ClusterOptions } from '../../engine/contract/cluster.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { cellsOf, type Sweep } from '../../engine/contract/sweep.ts';
import { ClusterJobs } from '../cluster/clusterJobs.ts';
import { recordEntry } from '../cluster/recordEntry.ts';
import { Slurm } from '../cluster/slurm.ts';
import { SlurmRunner } from '../cluster/slurmRunner.ts';
import { openStudio, projectNamed } from '../features/openStudio.ts';
import { storeJournal } from '../features/runJournal.ts';
import { openCells, runSweep } from '../features/sweeps/runSweep.ts';
import { resultsTable, runsTable } from '../features/sweeps/resultsTable.ts';
import { readSweepReport } from '../features/sweeps/sweepReport.ts';
import { writeSweepReport } from '../features/sweeps/writeSweepReport.ts';
import { dataFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { createSweep, findSweep, type KeptSweep } from '../store/sweeps.ts';
import { formatDuration } from '../terminal/quantities.ts';
import { PAUSED, type CommandContext } from './command.ts';
import { prepareHere, type Workplace } from './sweepHere.ts';

export interface SweepWork {
  readonly sweep: Sweep;
  /** Where the report goes. */
  readonly out: string;
  /** The words that make this sweep again, for the report. */
  readonly command: string;
  /** Where it is trained: undefined for this computer. */
  readonly cluster: ClusterOptions | undefined;
  /** Begins anew what was done before. */
  readonly fresh: boolean;
  /** Only say what it would take. */
  readonly estimateOnly: boolean;
}

export async function workOff(work: SweepWork, context: CommandContext): Promise<number> {
  const { sweep, cluster, fresh, estimateOnly } = work;
  if (cluster && estimateOnly)
    throw new StudioError(
      'input-invalid',
      'How long a cluster takes is not known here.',
      'Leave out --on, or --estimate; nothing was submitted.',
    );
  cellsOf(sweep);
  const { reporter } = context;
  const store = await openStudio(dataFolder(), reporter);
  try {
    const project = await projectNamed(store, 'Experiments');
    const earlier = fresh ? undefined : await findSweep(store, project.id, sweep);
    const keep = async () => earlier ?? (await createSweep(store, project.id, sweep));
    if (cluster) {
      const kept = await keep();
      return await carryOut(work, store, kept, await submit(store, kept, cluster, context), context);
    }
    const open = earlier ? await openCells(store, earlier) : cellsOf(sweep);
    const workplace = await prepareHere(store, sweep, open, context);
    if (estimateOnly) {
      const { estimated } = workplace;
      reporter.done(`About ${formatDuration(estimated ?? NaN)}.`, { estimatedSeconds: estimated });
      return 0;
    }
    return await carryOut(work, store, await keep(), workplace, context);
  } finally {
    await store.close();
  }
}

async function submit(
  store: Store,
  kept: KeptSweep,
  options: ClusterOptions,
  context: CommandContext,
): Promise<Workplace> {
  const jobs = new ClusterJobs(store, new Slurm(), (id, entry) =>
    recordEntry(storeJournal(store, { id }), entry),
  );
  const runner = new SlurmRunner(store, jobs, kept, context);
  await runner.begin(options);
  return { runner, engine: 'SLURM', estimated: null, dispose: () => undefined };
}

async function carryOut(
  { sweep, out, command }: SweepWork,
  store: Store,
  kept: KeptSweep,
  { runner, engine, estimated, dispose }: Workplace,
  { reporter }: CommandContext,
): Promise<number> {
  const started = performance.now();
  const names = new Map([...sweep.variants, ...sweep.baselines].map(({ key, name }) => [key, name]));
  const completed = await runSweep(store, kept, runner, ({ variant, seed }, { done, total }) =>
    reporter.phase(`${names.get(variant) ?? variant}, seed ${seed}`, `${done + 1} of ${total}`),
  ).catch((error: unknown) => {
    // Interrupted while a teacher was sampled: nothing of that is kept, everything before is.
    if (error instanceof StudioError && error.code === 'cancelled') return false;
    throw error;
  });
  dispose();
  if (!completed) {
    reporter.done('Paused; nothing is lost. The same command goes on from here.', { sweep: kept.id });
    return PAUSED;
  }
  const open = await openCells(store, kept);
  if (open.length > 0)
    throw new StudioError(
      'cluster-unavailable',
      `${open.length} of ${cellsOf(sweep).length} tasks ended before they were finished; all others are kept.`,
      'The same command submits them again, and they go on from their checkpoints.',
    );
  const seconds = (performance.now() - started) / 1000;
  const report = await readSweepReport(store, kept, { command, engine, seconds, estimated });
  if (sweep.experiment === null) reporter.table(runsTable(report));
  reporter.table(resultsTable(report));
  const page = await writeSweepReport(store, report, path.resolve(out));
  const facts = { sweep: kept.id, page, verdict: report.verdict, estimatedSeconds: estimated, seconds };
  reporter.done(`${report.verdict ? `${report.verdict} at this scale. ` : ''}Open ${page}`, facts);
  return 0;
}
