/** What runs will take, from a short one of each kind that is made in full and thrown away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Recipe } from '../../../engine/contract/recipe.ts';
import type { ActiveBackend } from '../../../engine/tensor/backends/backend.ts';
import { StudioError } from '../../../engine/contract/errors.ts';
import { silentReporter } from '../../terminal/reporter.ts';
import { distilRun } from '../distillation.ts';
import type { RunJournal } from '../runJournal.ts';
import { measuredBy } from './measuredCells.ts';
import type { Measurer } from './measurer.ts';
import type { RunCosts } from './runCosts.ts';

/** Iterations of the rehearsal: more where one takes no time. The first ones are left out. */
const ITERATIONS = { toy: 40, images: 10 };
const WARM_UP = 4;

/** Moments in seconds. */
interface Moments {
  readonly began: number;
  /** After each iteration. */
  readonly iterated: readonly number[];
  /** The last picture was measured. */
  readonly framed: number;
  /** All was saved. */
  readonly ended: number;
}

/** @throws StudioError 'cancelled', and what opening the teacher or the data throws. */
export async function rehearse(
  recipe: Recipe,
  measurer: Measurer,
  backend: ActiveBackend,
  signal: AbortSignal,
): Promise<RunCosts> {
  // Graphs are recorded once for all runs of a kind: by a first run, so that they do not count for each.
  await shortRun(recipe, WARM_UP, measurer, backend, signal);
  const iterations = WARM_UP + ITERATIONS[measurer.scale];
  const { began, iterated, framed, ended } = await shortRun(recipe, iterations, measurer, backend, signal);
  const [warm = began, last = began] = [iterated[WARM_UP - 1], iterated.at(-1)];
  const iterationSeconds = (last - warm) / (iterations - WARM_UP);
  const frameSeconds = framed - last;
  return {
    iterationSeconds,
    frameSeconds,
    saveSeconds: ended - framed,
    startSeconds: Math.max(0, warm - began - WARM_UP * iterationSeconds - frameSeconds),
  };
}

async function shortRun(
  recipe: Recipe,
  iterations: number,
  measurer: Measurer,
  backend: ActiveBackend,
  signal: AbortSignal,
): Promise<Moments> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-rehearsal-'));
  const training = { ...recipe.training, iterations, checkpointEvery: iterations, sampleEvery: iterations };
  const now = () => performance.now() / 1000;
  const iterated: number[] = [];
  let framed = 0;
  let isSaved = false;
  const nothing = () => Promise.resolve();
  const journal: RunJournal = {
    ...{ folder, batch: Infinity, began: nothing, frame: nothing, ended: nothing },
    metrics() {
      if (!isSaved) framed = now();
      return nothing();
    },
    checkpoint() {
      isSaved = true;
      return nothing();
    },
  };
  const began = now();
  try {
    const { job, completed } = await distilRun(
      journal,
      { ...recipe, training },
      {
        ...{ backend, signal, reporter: silentReporter, seed: recipe.seed },
        measure: measuredBy(measurer, { pictures: folder, runId: folder, seed: recipe.seed }),
        between() {
          iterated.push(now());
          return nothing();
        },
      },
    );
    job.dispose();
    if (!completed) throw new StudioError('cancelled', 'The measurement was cancelled.');
    return { began, iterated, framed, ended: now() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
