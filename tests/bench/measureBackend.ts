/**
 * Measures one backend, in a process of its own so that its memory is its own: started by bench.ts, which gets the
 * result as a message.
 */
import { StudioError } from '../../engine/contract/errors.ts';
import { activateBackend, type BackendName } from '../../engine/tensor/backends/backend.ts';
import { memoryInfo } from '../../engine/tensor/memory.ts';
import type { StepMode } from '../../engine/tensor/step.ts';
import { matMul, randomNormal } from '../../engine/tensor/tf.ts';
import { spreadOf, type Spread } from './statistics.ts';
import { workloadsOf, type RunningWorkload, type Workload } from './workloads.ts';

export interface BackendRequest {
  readonly backend: BackendName;
  readonly models: readonly Workload['model'][];
  /** Measure steps that are not captured too. */
  readonly eager: boolean;
  readonly repeats: number;
}

export interface WorkloadResult {
  readonly name: string;
  readonly parameters: number;
  /** From nothing to the first iteration's numbers, recording the steps included. */
  readonly firstIterationSeconds: number;
  readonly iterationsPerRepeat: number;
  readonly secondsPerIteration: Spread;
  /** Of the matrix products, the mean of the measured iterations. */
  readonly gigaflopPerIteration: number;
  /** Growth of the process's memory from before the start to after the warm-up. */
  readonly residentBytes: number;
}

export interface BackendResult {
  readonly backend: BackendName;
  readonly device: string;
  readonly version: string;
  readonly threads: number | null;
  readonly activationSeconds: number;
  /** Billions of operations a second in a float32 product of two 1024 × 1024 matrices. */
  readonly matmulGigaflops: Spread;
  readonly peakResidentBytes: number;
  readonly workloads: readonly WorkloadResult[];
}

export type BackendAnswer = { readonly result: BackendResult } | { readonly unavailable: string };

const MATMUL_SIZE = 1024;
/** A repeat runs as many iterations as fit into this. */
const REPEAT_SECONDS = 0.5;
const MOST_ITERATIONS = 50;

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function measureMatmul(): Promise<number> {
  const matrix = randomNormal([MATMUL_SIZE, MATMUL_SIZE]);
  const multiply = async () => {
    const product = matMul(matrix, matrix);
    await product.data();
    product.dispose();
  };
  await multiply();
  const seconds = await secondsOf(multiply);
  matrix.dispose();
  return (2 * MATMUL_SIZE ** 3) / seconds / 1e9;
}

/** A workload that has recorded its steps and knows how often it runs in a repeat. */
interface WarmWorkload {
  readonly workload: Workload;
  readonly running: RunningWorkload;
  readonly facts: Pick<
    WorkloadResult,
    'firstIterationSeconds' | 'iterationsPerRepeat' | 'gigaflopPerIteration' | 'residentBytes'
  >;
  readonly seconds: number[];
}

async function warmUp(workload: Workload): Promise<WarmWorkload> {
  const before = memoryInfo().residentBytes;
  const started = performance.now();
  const running = workload.start();
  await running.iterate(0);
  const firstIterationSeconds = (performance.now() - started) / 1000;
  // Every graph is recorded when a student of several steps has drawn several numbers of steps.
  for (let i = 1; i < workload.atLeast; i++) await running.iterate(i);
  const seconds = await secondsOf(() => running.iterate(0));
  const fitting = Math.min(MOST_ITERATIONS, Math.floor(REPEAT_SECONDS / seconds));
  const count = Math.max(workload.atLeast, fitting);
  const flops = Array.from({ length: count }, (_, i) => workload.flops(i)).reduce((a, b) => a + b, 0);
  return {
    workload,
    running,
    facts: {
      firstIterationSeconds,
      iterationsPerRepeat: count,
      gigaflopPerIteration: flops / count / 1e9,
      residentBytes: memoryInfo().residentBytes - before,
    },
    seconds: [],
  };
}

async function measure({ backend, models, eager, repeats }: BackendRequest): Promise<BackendAnswer> {
  const started = performance.now();
  const active = await activateBackend(backend);
  const activationSeconds = (performance.now() - started) / 1000;
  if (active.isEmulated) {
    active.release();
    return { unavailable: `Only an adapter imitated by the processor was found (${active.device}).` };
  }
  const modes: StepMode[] = eager && active.canCaptureSteps ? ['auto', 'eager'] : ['auto'];
  const warm: WarmWorkload[] = [];
  for (const mode of modes) {
    for (const workload of models.flatMap((model) => workloadsOf(model, mode))) {
      warm.push(await warmUp(workload));
    }
  }
  const matmul: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    matmul.push(await measureMatmul());
    for (const { running, facts, seconds } of warm) {
      const all = await secondsOf(async () => {
        for (let i = 0; i < facts.iterationsPerRepeat; i++) await running.iterate(i);
      });
      seconds.push(all / facts.iterationsPerRepeat);
    }
  }
  for (const { running } of warm) running.dispose();
  const { device, version, threads = null } = active;
  const workloads = warm.map(({ workload: { name, parameters }, facts, seconds }): WorkloadResult => ({
    name,
    parameters,
    ...facts,
    secondsPerIteration: spreadOf(seconds),
  }));
  const result: BackendResult = {
    backend,
    device,
    version,
    threads,
    activationSeconds,
    matmulGigaflops: spreadOf(matmul),
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    workloads,
  };
  active.release();
  return { result };
}

process.once('message', (request: BackendRequest) => {
  void measure(request)
    .catch((error: unknown): BackendAnswer => {
      if (error instanceof StudioError && error.code === 'engine-unavailable') {
        return { unavailable: error.message };
      }
      throw error;
    })
    .then((answer) => process.send?.(answer, () => process.disconnect()));
});
