/** What runs will take, from a short one of each kind that is made in full and thrown away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Recipe } from '../../../engine/contract/recipe.ts';
import type { ActiveBackend } from '../../../engine/tensor/backends/backend.ts';
import { StudioError } from '../../../engine/contract/errors.ts';
import type { RunCosts } from '../../engineProcess/runCosts.ts';
import { silentReporter } from '../../terminal/reporter.ts';
import { distilRun } from '../distillation.ts';
import type { RunJournal } from '../runJournal.ts';
import { measuredBy } from './measuredCells.ts';
import type { Measurer } from './measurer.ts';

/** Iterations of the rehearsal: more where one takes no time. The first ones record graphs and are left out. */
const ITERATIONS = { toy: 40, images: 10 };
const WARM_UP = 4;

/** @throws StudioError 'cancelled', and what opening the teacher or the data throws. */
export async function rehearse(
  recipe: Recipe,
  measurer: Measurer,
  backend: ActiveBackend,
  signal: AbortSignal,
): Promise<RunCosts> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-rehearsal-'));
  const iterations = WARM_UP + ITERATIONS[measurer.scale];
  const short = { ...recipe.training, iterations, checkpointEvery: iterations, sampleEvery: iterations };
  const at: Partial<Record<'frame' | 'checkpoint', number>> = {};
  const iterated: number[] = [];
  const seconds = () => performance.now() / 1000;
  const note = (moment: keyof typeof at) => {
    at[moment] = seconds();
    return Promise.resolve();
  };
  const nothing = () => Promise.resolve();
  const journal: RunJournal = {
    ...{ folder, batch: Infinity, began: nothing, frame: nothing, ended: nothing },
    metrics: () => (at.checkpoint === undefined ? note('frame') : nothing()),
    checkpoint: () => note('checkpoint'),
  };
  const began = seconds();
  try {
    const { job, completed } = await distilRun(
      journal,
      { ...recipe, training: short },
      {
        ...{ backend, signal, reporter: silentReporter, seed: recipe.seed },
        measure: measuredBy(measurer, { pictures: folder, runId: folder, seed: recipe.seed }),
        between: () => {
          iterated.push(seconds());
          return Promise.resolve();
        },
      },
    );
    job.dispose();
    if (!completed) throw new StudioError('cancelled', 'The measurement was cancelled.');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const ended = seconds();
  const [warm = began, last = began] = [iterated[WARM_UP - 1], iterated.at(-1)];
  const { frame: framed = last } = at;
  const iterationSeconds = (last - warm) / (iterations - WARM_UP);
  const frameSeconds = framed - last;
  return {
    iterationSeconds,
    frameSeconds,
    saveSeconds: ended - framed,
    startSeconds: Math.max(0, warm - began - WARM_UP * iterationSeconds - frameSeconds),
  };
}
