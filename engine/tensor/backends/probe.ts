/** Measures the active backend: a matrix product, and training steps of a small transformer, both as training runs them. */
import { matMul, randomNormal, type Tensor } from '../tf.ts';
import { createProbeStep } from './probeStep.ts';

export interface ProbeResult {
  /** Billions of float32 operations a second in a square matrix product of this size. */
  readonly matmulGigaflops: number;
  readonly matmulSize: number;
  /** Of one forward, backward and update of the probe's network. */
  readonly trainingStepMilliseconds: number;
}

/** A measurement that takes longer than this is not repeated, so that a slow backend costs seconds at most. */
const patienceMilliseconds = 300;

/** Takes about a second on a processor; tensors are freed. `matmulSize` is the largest product tried. */
export async function probeBackend(matmulSize = 1024): Promise<ProbeResult> {
  const trainingStepMilliseconds = await measureTrainingStep();
  return { ...(await measureMatmul(matmulSize)), trainingStepMilliseconds };
}

/** Doubles the size as long as the product before it was quick. */
async function measureMatmul(largest: number): Promise<Pick<ProbeResult, 'matmulGigaflops' | 'matmulSize'>> {
  let size = 128;
  for (;;) {
    const matrix = randomNormal([size, size]);
    const milliseconds = await fastest(() => matMul(matrix, matrix));
    matrix.dispose();
    if (size >= largest || 8 * milliseconds > patienceMilliseconds) {
      return { matmulGigaflops: (2 * size ** 3) / (milliseconds * 1e6), matmulSize: size };
    }
    size *= 2;
  }
}

async function measureTrainingStep(): Promise<number> {
  const probe = createProbeStep({ batch: 8, tokens: 64, width: 128 });
  const milliseconds = await fastest(() => probe.run());
  probe.dispose();
  return milliseconds;
}

/** Milliseconds of the fastest of up to five runs after one to warm up, each until its result can be read. */
export async function fastest(work: () => Tensor): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < 6; run++) {
    const started = performance.now();
    const result = work();
    await result.data();
    const milliseconds = performance.now() - started;
    result.dispose();
    // The first run compiles shaders and allocates; it counts only when it is too slow to be repeated.
    if (run > 0 || milliseconds > 10 * patienceMilliseconds) best = Math.min(best, milliseconds);
    if (best > patienceMilliseconds && best < Infinity) break;
  }
  return best;
}
