/** How the processor's threads are shared out where TensorFlow computes on it. */
import { availableParallelism } from 'node:os';

/** More lanes than this make a graph that takes longer to record and to start than they save. */
const MOST_LANES = 4;

const chosen = Number(process.env['TF_NUM_INTRAOP_THREADS']);

/** As many as the processor has, unless TF_NUM_INTRAOP_THREADS says otherwise when the program starts. */
export const threadCount = chosen > 0 ? chosen : availableParallelism();

/** Parts of a batch that are computed side by side, see lanes.ts. */
export const laneCount = Math.min(threadCount, MOST_LANES);

/** While `load` runs, the environment says to TensorFlow: so many operations at once, each on its share of threads. */
export function withThreadSettings<T>(load: () => T): T {
  const settings = {
    TF_NUM_INTEROP_THREADS: String(laneCount),
    TF_NUM_INTRAOP_THREADS: String(Math.ceil(threadCount / laneCount)),
  };
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  try {
    return load();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
