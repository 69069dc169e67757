/** One task of an array job on a node of a cluster: trains a student, or measures the teacher, and tells its journal. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readTask, type Task } from './cluster/taskFiles.ts';
import { TaskJournal } from './cluster/taskJournal.ts';
import { startEngine } from './commands/engineStart.ts';
import { SweepWork } from './engineProcess/sweeps.ts';
import { trainAndTell } from './engineProcess/training.ts';
import { createReporter } from './terminal/reporter.ts';

/** For SLURM: neither done nor wrong. */
const NOT_DONE = 75;

/** Views are made with every frame and looked at by nobody. */
const VIEW_TAU = 0.5;

/** Preempted, cancelled, or out of time soon: save, and end. A cluster may say so again meanwhile. */
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.on('SIGINT', () => stop.abort());

async function main([folder = '']: readonly string[]): Promise<number> {
  const position = z.coerce.number().int().min(0).parse(process.env['SLURM_ARRAY_TASK_ID']);
  const task = await readTask(folder, position);
  if (!task) {
    process.stderr.write('This task was given up before it began.\n');
    return NOT_DONE;
  }
  return (await work(task, new TaskJournal(folder, position))) ? 0 : NOT_DONE;
}

/** Answers whether it came to its end. */
async function work(task: Task, journal: TaskJournal): Promise<boolean> {
  const reporter = createReporter();
  reporter.phase(task.kind === 'student' ? `Run ${task.training.runId}` : 'Teacher');
  const backend = await startEngine(reporter, stop.signal);
  const sweeps = new SweepWork();
  if (task.kind === 'teacher') {
    journal.tell({ kind: 'measured', values: await sweeps.baseline(task.measuring) });
    return true;
  }
  const pictureFolder = await mkdtemp(path.join(tmpdir(), 'stillroom-task-'));
  let isDone = false;
  await trainAndTell(
    { ...task.training, pictureFolder },
    {
      ...{ backend, reporter, signal: stop.signal },
      between: () => Promise.resolve(),
      wantsFrame: () => false,
      pinned: () => [],
      viewTau: () => VIEW_TAU,
      offerLook: () => undefined,
      tell(entry) {
        isDone = entry.kind === 'ended' && entry.status === 'done';
        journal.tell(entry);
      },
      measurer: (plan) => sweeps.measurer(plan),
    },
  );
  await rm(pictureFolder, { recursive: true, force: true });
  return isDone;
}

process.exit(await main(process.argv.slice(2)));
