/** What a training costs: some of its iterations on the device, thrown away afterwards. */
import { setImmediate } from 'node:timers/promises';
import { StudioError } from '../../engine/contract/errors.ts';
import { isSupervised, parseRecipe } from '../../engine/contract/recipe.ts';
import { parseTeacherRecipe } from '../../engine/contract/teacherRecipe.ts';
import { dispose } from '../../engine/tensor/tf.ts';
import { openDistillation, type DistillationJob } from '../../engine/training/distillationJob.ts';
import { openTeacherTraining } from '../../engine/training/teacherJob.ts';
import type { Trainable } from '../../engine/training/trainingRun.ts';
import { openStudentDistance } from '../../engine/training/studentDistance.ts';
import type { HandlerContext } from '../bridge/api.ts';
import type { Measurement, Training } from './messages.ts';

/** The first iterations also compile or capture the steps, and are left out. */
const WARM_UP = 2;
/** Iterations differ in how many of the student's steps they simulate: the mean needs some of them. */
const FEWEST = 3;
const MOST = 16;
const ENOUGH_SECONDS = 5;
const BYTES_A_NUMBER = 4;

/** @throws StudioError 'cancelled', and what opening the teacher or the data throws. */
export async function measureTraining(
  { kind, recipe }: Pick<Training, 'kind' | 'recipe'>,
  { signal, progress }: HandlerContext,
): Promise<Measurement> {
  const distillation = kind === 'distillation' ? await openDistillation(parseRecipe(recipe)) : undefined;
  const job = distillation ?? (await openTeacherTraining(parseTeacherRecipe(recipe), { signal }));
  try {
    let memoryBytes = 0;
    const iterate = async (iteration: number) => {
      if (signal.aborted) throw new StudioError('cancelled', 'The measurement was cancelled.');
      const begun = performance.now();
      await job.iterate(iteration);
      const seconds = (performance.now() - begun) / 1000;
      memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss());
      // Native calls never yield by themselves: let a cancellation through.
      await setImmediate();
      return seconds;
    };
    for (let k = 0; k < WARM_UP; k++) await iterate(k);
    let seconds = 0;
    let measured = 0;
    while (measured < FEWEST || (measured < MOST && seconds < ENOUGH_SECONDS)) {
      seconds += await iterate(WARM_UP + measured++);
      progress(Math.round(1000 * Math.min(1, Math.max(measured / MOST, seconds / ENOUGH_SECONDS))), 1000);
    }
    const saved = [...job.saved.weights, ...job.saved.optimizer];
    return {
      secondsPerIteration: seconds / measured,
      secondsPerDistance:
        distillation && isSupervised(distillation.recipe) ? await secondsPerDistance(distillation) : 0,
      memoryBytes,
      checkpointBytes: bytesOf(job, saved),
      modelBytes: bytesOf(
        job,
        saved.filter((name) => name.startsWith(distillation ? 'student.' : 'ema.')),
      ),
    };
  } finally {
    job.dispose();
  }
}

/** As the student samples in its last stage. The second one: the first also records the sampler's graphs. */
async function secondsPerDistance(job: DistillationJob): Promise<number> {
  job.restored?.(job.recipe.training.iterations);
  const distance = await openStudentDistance(job);
  await distance.measure();
  const begun = performance.now();
  await distance.measure();
  const seconds = (performance.now() - begun) / 1000;
  distance.dispose();
  return seconds;
}

function bytesOf({ state }: Trainable, names: readonly string[]): number {
  const tensors = state.read(names);
  const numbers = Object.values(tensors).reduce((sum, { size }) => sum + size, 0);
  dispose(tensors);
  return numbers * BYTES_A_NUMBER;
}
