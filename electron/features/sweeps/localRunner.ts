/** Runs a sweep's cells in this process, on the backend that is active. */
import path from 'node:path';
import { StudioError } from '../../../engine/contract/errors.ts';
import type { Recipe } from '../../../engine/contract/recipe.ts';
import type { Baseline } from '../../../engine/contract/sweep.ts';
import type { ActiveBackend } from '../../../engine/tensor/backends/backend.ts';
import { studentInfo } from '../../../engine/training/distillationJob.ts';
import { writeModel } from '../../../engine/training/modelFile.ts';
import { runFolder } from '../../store/dataFolder.ts';
import type { Store } from '../../store/database.ts';
import type { Run } from '../../store/runs.ts';
import type { Reporter } from '../../terminal/reporter.ts';
import { distilRun } from '../distillation.ts';
import { storeJournal } from '../runJournal.ts';
import { measureBaseline, measuredBy } from './measuredCells.ts';
import type { Measurer, Values } from './measurer.ts';
import type { SweepRunner } from './runner.ts';
import { sweepPictures } from './sweepFolder.ts';

export class LocalRunner implements SweepRunner {
  private readonly store: Store;
  private readonly backend: ActiveBackend;
  private readonly measurer: Measurer;
  private readonly reporter: Reporter;
  private readonly signal: AbortSignal;

  constructor(
    store: Store,
    backend: ActiveBackend,
    measurer: Measurer,
    { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
  ) {
    this.store = store;
    this.backend = backend;
    this.measurer = measurer;
    this.reporter = reporter;
    this.signal = signal;
  }

  async train(run: Run, recipe: Recipe): Promise<'done' | 'paused' | 'failed'> {
    const { backend, measurer, reporter, signal } = this;
    const folder = runFolder(this.store.data, run.id);
    try {
      const { job, completed } = await distilRun(storeJournal(this.store, run), recipe, {
        ...{ backend, reporter, signal, seed: recipe.seed },
        measure: measuredBy(measurer, {
          pictures: sweepPictures(this.store.data),
          runId: run.id,
          seed: recipe.seed,
        }),
        async onCompleted(student, made) {
          const info = studentInfo(student, { ...made, backend: backend.name });
          await writeModel(path.join(folder, 'student'), info, student.studentWeights());
        },
      });
      job.dispose();
      return completed ? 'done' : 'paused';
    } catch (error) {
      // A student that explodes is a result; anything else concerns all of the sweep.
      if (!(error instanceof StudioError) || error.code !== 'diverged') throw error;
      reporter.note(`${run.name}: ${error.message}`, 'warning');
      return 'failed';
    }
  }

  baseline(baseline: Baseline, seed: number, pictureFile: string): Promise<Values> {
    return measureBaseline(this.measurer, baseline, seed, pictureFile);
  }
}
