/** One backend's figures: its workloads in alternating rounds, in a process of its own so that its memory is its own. */
import { createNetwork } from '../../engine/model/registry.ts';
import { usualBatch } from '../../engine/sampling/sampler.ts';
import type { BackendName } from '../../engine/tensor/backends/backend.ts';
import { meanGigaflop, startEngineWorker, TimedWorkload } from './measurement.ts';
import type { Greeting, SamplingTask, Worker } from './protocol.ts';
import { sizes, type SizeName } from './sizes.ts';
import { spreadOf, type Spread } from './statistics.ts';
import { workloadsOf, type Iteration, type Precision, type Shape, type Workload } from './workloads.ts';

export interface BackendPlan {
  readonly backend: BackendName;
  readonly shapes: readonly Shape[];
  /** Measure steps that are not captured too. */
  readonly eager: boolean;
  readonly sampling: boolean;
  readonly repeats: number;
}

export interface WorkloadResult {
  readonly name: string;
  readonly size: SizeName;
  readonly kind: Workload['kind'];
  readonly batch: number;
  readonly precision: Precision;
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

export interface SamplingResult extends Omit<SamplingTask, 'network'> {
  readonly size: SizeName;
  readonly imagesPerSecond: Spread;
}

export type BackendResult = Exclude<Greeting, { unavailable: string }> & {
  readonly backend: BackendName;
  /** Billions of operations a second in float32 products of two 1024 × 1024 matrices. */
  readonly matmulGigaflops: Spread;
  readonly peakResidentBytes: number;
  readonly workloads: readonly WorkloadResult[];
  readonly sampling: readonly SamplingResult[];
};

export type BackendAnswer = BackendResult | { readonly backend: BackendName; readonly unavailable: string };

/** Of the guided teacher, and of students. */
const TEACHER_STEPS = 50;
const STUDENT_STEPS = [1, 2, 4, 8];
/** One batch of the sampler. */
const imagesOf = (size: SizeName): number => usualBatch(createNetwork(sizes[size].network).sampleShape);

export async function measureBackend(plan: BackendPlan): Promise<BackendAnswer> {
  const { backend, repeats } = plan;
  const { worker, greeting } = await startEngineWorker(backend);
  if ('unavailable' in greeting) return { backend, ...greeting };
  const timed: { readonly workload: TimedWorkload; readonly iterations: Iteration[]; name: string }[] = [];
  for (const mode of plan.eager ? (['auto', 'eager'] as const) : (['auto'] as const)) {
    for (const workload of plan.shapes.flatMap(workloadsOf)) {
      const prepared = await TimedWorkload.prepare(worker, workload, mode);
      const name = mode === 'eager' ? `${workload.name}, not captured` : workload.name;
      timed.push({ workload: prepared, iterations: await prepared.calibrate(), name });
    }
  }
  const matmul: number[] = [];
  for (let round = 0; round < repeats; round++) {
    matmul.push((await worker.ask('matmul', { precision: 'float32' })).gigaflops);
    for (const { workload, iterations } of timed) await workload.runRound(iterations);
  }
  const sampledSizes = plan.sampling ? [...new Set(plan.shapes.map(({ size }) => size))] : [];
  const sampling = await measureSampling(worker, sampledSizes, repeats);
  const { peakResidentBytes } = await worker.ask('memory', {});
  await worker.close();
  const workloads = timed.map(({ workload: { workload, facts, seconds }, iterations, name }) => ({
    name,
    size: workload.size,
    kind: workload.kind,
    batch: workload.batch,
    precision: workload.precision,
    parameters: facts.parameters,
    firstIterationSeconds: facts.firstIterationSeconds,
    iterationsPerRepeat: iterations.length,
    secondsPerIteration: spreadOf(seconds),
    gigaflopPerIteration: meanGigaflop(workload, iterations),
    residentBytes: facts.residentBytes,
  }));
  return {
    backend,
    ...greeting,
    matmulGigaflops: spreadOf(matmul),
    peakResidentBytes,
    workloads,
    sampling,
  };
}

async function measureSampling(
  worker: Worker,
  sampled: readonly SizeName[],
  repeats: number,
): Promise<SamplingResult[]> {
  const tasks = sampled.flatMap((size) =>
    [
      { kind: 'teacher', steps: TEACHER_STEPS } as const,
      ...STUDENT_STEPS.map((steps) => ({ kind: 'student', steps }) as const),
    ].map((task) => ({ ...task, size, rates: [] as number[] })),
  );
  const perSecond = async ({
    size,
    kind,
    steps,
  }: { size: SizeName } & Omit<SamplingTask, 'network' | 'images'>) => {
    const [{ network }, images] = [sizes[size], imagesOf(size)];
    return images / (await worker.ask('sample', { network, kind, steps, images })).seconds;
  };
  // Records the two kinds of step, with few of them.
  for (const task of tasks) await perSecond({ ...task, steps: 1 });
  for (let round = 0; round < repeats; round++) {
    for (const task of tasks) task.rates.push(await perSecond(task));
  }
  return tasks.map(({ rates, ...task }) => ({
    ...task,
    images: imagesOf(task.size),
    imagesPerSecond: spreadOf(rates),
  }));
}
