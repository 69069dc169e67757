/** How time and memory grow with the batch: one process a workload and batch, so that its memory is its own. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { BackendName } from '../../engine/tensor/backends/backend.ts';
import { linearFit, type LinearFit } from './linearFit.ts';
import { meanGigaflop, startEngineWorker, TimedWorkload } from './measurement.ts';
import type { SizeName } from './sizes.ts';
import { spreadOf, type Spread } from './statistics.ts';
import {
  stateCopies,
  studentWorkload,
  teacherWorkload,
  type Precision,
  type Shape,
  type Workload,
} from './workloads.ts';

export interface GrowthPoint {
  readonly batch: number;
  readonly secondsPerIteration: Spread;
  readonly gigaflopPerIteration: number;
  readonly matmulGigaflops: Spread;
  /** From the start of a process to the end of its first iteration, from kept graphs where the backend keeps them. */
  readonly sinceStartSeconds: number;
  readonly memory: GrowthMemory;
}

export interface GrowthMemory {
  /** Growth of the process's memory over what the backend alone takes: at its peak, and when it was warm. */
  readonly peakBytes: number;
  readonly residentBytes: number;
  /** Weights of all roles, averages and moments. */
  readonly stateBytes: number;
  /** Every intermediate result of one forward pass of the trained network. */
  readonly activationBytes: number;
}

export interface GrowthCurve {
  readonly backend: BackendName;
  readonly size: SizeName;
  readonly kind: Workload['kind'];
  readonly precision: Precision;
  readonly parameters: number;
  readonly points: readonly GrowthPoint[];
  /** Median seconds against batch, from batch 8 on; null with fewer than three such points. */
  readonly fit: LinearFit | null;
}

const FIT_FROM = 8;
const BYTES_A_NUMBER = 4;

/** One curve a kind of workload, as soon as it is there. */
export async function* measureGrowth(
  backend: BackendName,
  shape: Shape,
  batches: readonly number[],
  repeats: number,
): AsyncGenerator<GrowthCurve> {
  for (const workloadOf of [teacherWorkload, (of: Shape) => studentWorkload(of, 1)]) {
    const measured: { readonly parameters: number; readonly point: GrowthPoint }[] = [];
    for (const batch of batches)
      measured.push(await measurePoint(backend, workloadOf({ ...shape, batch }), repeats));
    const points = measured.map(({ point }) => point);
    const { size, kind, precision } = workloadOf(shape);
    const fitted = points
      .filter(({ batch }) => batch >= FIT_FROM)
      .map(({ batch, secondsPerIteration }) => ({ x: batch, y: secondsPerIteration.median }));
    yield {
      backend,
      size,
      kind,
      precision,
      parameters: measured[0]?.parameters ?? 0,
      points,
      fit: fitted.length < 3 ? null : linearFit(fitted),
    };
  }
}

async function measurePoint(
  backend: BackendName,
  workload: Workload,
  repeats: number,
): Promise<{ readonly parameters: number; readonly point: GrowthPoint }> {
  const { worker, greeting } = await startEngineWorker(backend);
  if ('unavailable' in greeting)
    throw new StudioError('engine-unavailable', greeting.unavailable, 'Run `npm run doctor`.');
  const { network, batch, kind } = workload;
  // What the backend takes by itself is there once it has computed anything.
  await worker.ask('matmul', { precision: 'float32' });
  const before = await worker.ask('memory', {});
  const timed = await TimedWorkload.prepare(worker, workload);
  const iterations = await timed.calibrate();
  const after = await worker.ask('memory', {});
  const matmul: number[] = [];
  for (let round = 0; round < repeats; round++) {
    await timed.runRound(iterations);
    matmul.push((await worker.ask('matmul', { precision: 'float32' })).gigaflops);
  }
  const { bytes: activationBytes } = await worker.ask('activations', { network, batch });
  await worker.close();
  const { parameters } = timed.facts;
  const point: GrowthPoint = {
    batch,
    secondsPerIteration: spreadOf(timed.seconds),
    gigaflopPerIteration: meanGigaflop(workload, iterations),
    matmulGigaflops: spreadOf(matmul),
    sinceStartSeconds: await measureStart(backend, workload),
    memory: {
      peakBytes: after.peakResidentBytes - before.residentBytes,
      residentBytes: after.residentBytes - before.residentBytes,
      stateBytes: stateCopies[kind] * BYTES_A_NUMBER * parameters,
      activationBytes,
    },
  };
  return { parameters, point };
}

/** In a process that does nothing else. Its steps are read from disk, where the backend keeps what it has recorded before. */
async function measureStart(backend: BackendName, workload: Workload): Promise<number> {
  const { worker } = await startEngineWorker(backend);
  const { facts } = await TimedWorkload.prepare(worker, workload);
  await worker.close();
  return facts.sinceStartSeconds;
}
