/** The one training of this process: opens its job, trains it under a journal that is told to the host, writes the model. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { access, writeFile } from 'node:fs/promises';
import { parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { readCheckpoint } from '../../engine/training/checkpoint.ts';
import { newestVerified } from '../../engine/training/checkpointFolder.ts';
import { studentInfo } from '../../engine/training/distillationJob.ts';
import { writeModel } from '../../engine/training/modelFile.ts';
import { openTeacherTraining } from '../../engine/training/teacherJob.ts';
import { toFailure } from '../bridge/frames.ts';
import { distilRun, type Views } from '../features/distillation.ts';
import type { RunJournal } from '../features/runJournal.ts';
import { measuredBy } from '../features/sweeps/measuredCells.ts';
import type { Measurer, MeasurerPlan } from '../features/sweeps/measurer.ts';
import { teacherHistory, trainTeacherRun } from '../features/teacherTraining.ts';
import type { Reporter } from '../terminal/reporter.ts';
import type { JournalEntry, Training, WrittenViews } from './messages.ts';

export interface TrainingTools {
  readonly backend: ActiveBackend;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Other work that waits for the device. */
  readonly between: () => Promise<void>;
  /** Whether a picture of the iteration just done was asked for. */
  readonly wantsFrame: () => boolean;
  readonly pinned: () => readonly string[];
  /** The τ of the views that are made with every frame. */
  readonly viewTau: () => number;
  /** Gets what looks at the distillation as it is; only between two iterations. */
  readonly offerLook: (look: (tau: number) => Promise<WrittenViews>) => void;
  readonly tell: (entry: JournalEntry) => void;
  readonly measurer: (plan: MeasurerPlan) => Promise<Measurer>;
}

/** Trains to the end, to a pause or to a failure; the journal tells which, and nothing is thrown. */
export async function trainAndTell(training: Training, tools: TrainingTools): Promise<void> {
  const seen = new Set<JournalEntry['kind']>();
  const journal = toldJournal(training.runFolder, (entry) => {
    seen.add(entry.kind);
    tools.tell(entry);
  });
  try {
    await (training.kind === 'teacher' ? trainTeacher : distil)(training, journal, tools);
  } catch (error) {
    // What failed before the first iteration, e.g. data that are gone, is in no journal yet.
    if (!seen.has('ended')) tools.tell({ kind: 'ended', status: 'failed', error: toFailure(error) });
  }
}

async function distil(
  { runId, recipe: given, runFolder, pictureFolder, measuring }: Training,
  journal: RunJournal,
  {
    backend,
    reporter,
    signal,
    between,
    wantsFrame,
    pinned,
    viewTau,
    offerLook,
    tell,
    measurer,
  }: TrainingTools,
): Promise<void> {
  const recipe = parseRecipe(given);
  const { seed } = recipe;
  const { job } = await distilRun(journal, recipe, {
    ...{ backend, reporter, signal, between, wantsFrame, pinned, seed },
    ...(measuring && {
      measure: measuredBy(await measurer(measuring.plan), { pictures: measuring.pictures, runId, seed }),
    }),
    views: {
      tau: viewTau,
      show: async (views) => tell({ kind: 'views', views: await writeViews(pictureFolder, views) }),
      offer: (look) => offerLook(async (tau) => writeViews(pictureFolder, await look(tau))),
    },
    async onCompleted(finished, made) {
      const folder = path.join(runFolder, 'student');
      if (await exists(folder)) return;
      const info = studentInfo(finished, { ...made, backend: backend.name });
      await writeModel(folder, info, finished.studentWeights());
    },
  });
  job.dispose();
}

async function trainTeacher(
  { recipe: given, runFolder }: Training,
  journal: RunJournal,
  { backend, reporter, signal, between, wantsFrame, pinned }: TrainingTools,
): Promise<void> {
  const { checkpoint } = await newestVerified(runFolder);
  const state = checkpoint && (await readCheckpoint(checkpoint.folder)).state;
  const { recipe, ...history } = teacherHistory(state, given);
  // Where its pictures lie may have changed since the checkpoint.
  const { data = recipe['data'] } = given;
  const job = await openTeacherTraining(parseTeacherRecipe({ ...recipe, data }), { signal });
  try {
    await trainTeacherRun(journal, job, {
      ...{ backend, reporter, signal, between, wantsFrame, pinned, history },
      async onCompleted(made) {
        const folder = path.join(runFolder, 'teacher');
        if (!(await exists(folder)))
          await writeModel(folder, { ...job.info, made }, job.teacherWeights(), 'F16');
      },
    });
  } finally {
    job.dispose();
  }
}

async function writeViews(
  folder: string,
  { student, teacher, fake, captions, ...views }: Views,
): Promise<WrittenViews> {
  const write = async (picture: Buffer) => {
    const name = randomUUID();
    await writeFile(path.join(folder, `${name}.png`), picture);
    return name;
  };
  return {
    ...views,
    captions: [...captions],
    student: await write(student),
    teacher: await write(teacher),
    fake: fake ? await write(fake) : null,
  };
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

function toldJournal(folder: string, tell: (entry: JournalEntry) => void): RunJournal {
  const told = (entry: JournalEntry) => {
    tell(entry);
    return Promise.resolve();
  };
  return {
    folder,
    batch: 1,
    began: (iteration) => told({ kind: 'began', iteration }),
    metrics: (points) =>
      told({
        kind: 'metrics',
        points: points.map(({ value, ...point }) => ({
          ...point,
          value: Number.isFinite(value) ? value : null,
        })),
      }),
    checkpoint: (checkpoint, best) => told({ kind: 'checkpoint', checkpoint, best: best ?? null }),
    frame: (frame) => told({ kind: 'frame', frame: { ...frame, captions: [...frame.captions] } }),
    ended: (status, error) => told({ kind: 'ended', status, ...(error && { error: { ...error } }) }),
  };
}
