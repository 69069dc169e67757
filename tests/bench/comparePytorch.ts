/**
 * Our iterations against PyTorch's: a worker each for our engine, PyTorch eager and torch.compile, which take turns in
 * every round. Ratios are taken within a round.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { StudioError } from '../../engine/contract/errors.ts';
import { countParameters } from '../../engine/model/parameters.ts';
import { createNetwork, type NetworkConfig } from '../../engine/model/registry.ts';
import { passFlops } from './flops.ts';
import { meanGigaflop, startEngineWorker, TimedWorkload } from './measurement.ts';
import { Worker } from './protocol.ts';
import { checkTwin, pythonVariables, workerFile } from './pythonEnvironment.ts';
import type { SizeName } from './sizes.ts';
import { ratiosOf, spreadOf, type Spread } from './statistics.ts';
import { studentWorkload, teacherWorkload, type Precision, type Shape, type Workload } from './workloads.ts';

export interface ContenderResult {
  /** e.g. `Stillroom float32`, `torch.compile bfloat16`. */
  readonly name: string;
  readonly library: 'Stillroom' | 'PyTorch eager' | 'torch.compile';
  readonly precision: Precision;
  readonly version: string;
  readonly firstIterationSeconds: number;
  readonly secondsPerIteration: Spread;
  /** Our seconds in the same precision over these, round by round; null where we have no such precision. */
  readonly ratio: Spread | null;
  /** Our shortest time over theirs, whichever the rounds: what is left when other programs disturb some of them. */
  readonly ratioOfLowest: number | null;
}

export interface ComparisonResult {
  readonly name: string;
  readonly size: SizeName;
  readonly kind: Workload['kind'];
  readonly batch: number;
  readonly parameters: number;
  readonly gigaflopPerIteration: number;
  readonly iterationsPerRound: number;
  readonly matmulGigaflops: readonly {
    readonly library: string;
    readonly precision: Precision;
    readonly gigaflops: Spread;
  }[];
  readonly peakResidentBytes: Readonly<Record<string, number>>;
  readonly contenders: readonly ContenderResult[];
  /** Our bfloat16 over our float32, where both were measured. */
  readonly bfloat16ToFloat32: Spread | null;
}

export interface ComparisonPlan {
  readonly python: string;
  readonly shapes: readonly Omit<Shape, 'precision'>[];
  readonly precisions: readonly Precision[];
  readonly repeats: number;
  readonly onProgress: (message: string) => void;
}

/** Threads that spin after their work have gone to sleep by then. */
const PAUSE_MILLISECONDS = 100;

/** One result a shape and kind of workload, as soon as it is there. */
export async function* comparePytorch(plan: ComparisonPlan): AsyncGenerator<ComparisonResult> {
  plan.onProgress('Checking that both compute the same');
  await checkTwin(plan.python);
  for (const shape of plan.shapes) {
    for (const workloadOf of [
      teacherWorkload,
      (of: Shape) => studentWorkload(of, 1),
      (of: Shape) => studentWorkload(of, 4),
    ])
      yield await compareWorkload(plan, (precision) => workloadOf({ ...shape, precision }));
  }
}

interface Contender {
  readonly library: ContenderResult['library'];
  readonly precision: Precision;
  readonly version: string;
  readonly timed: TimedWorkload;
}

async function compareWorkload(
  { python, precisions, repeats, onProgress }: ComparisonPlan,
  workloadOf: (precision: Precision) => Workload,
): Promise<ComparisonResult> {
  const workload = workloadOf('float32');
  const runPython = (...options: string[]) => Worker.start(python, [workerFile, ...options], pythonVariables);
  const started = [
    { library: 'Stillroom', ...(await startEngineWorker('tensorflow')) },
    { library: 'PyTorch eager', ...(await runPython()) },
    { library: 'torch.compile', ...(await runPython('--compiled')) },
  ] as const;
  try {
    await requireSameWork(started[1].worker, workload);
    const contenders: Contender[] = [];
    for (const { library, worker, greeting } of started) {
      if ('unavailable' in greeting)
        throw new StudioError('engine-unavailable', greeting.unavailable, 'Run `npm run doctor`.');
      for (const precision of precisions) {
        onProgress(`${workload.name}: preparing ${library}, ${precision}`);
        const timed = await TimedWorkload.prepare(worker, workloadOf(precision));
        contenders.push({ library, precision, version: greeting.version, timed });
      }
    }
    const iterations = (await contenders[0]?.timed.calibrate()) ?? [];
    for (const { timed } of contenders.slice(1)) await timed.warm(iterations);
    const matmuls = started
      .slice(0, 2)
      .flatMap(({ library, worker }) =>
        precisions.map((precision) => ({ library, worker, precision, rates: [] as number[] })),
      )
      .filter(({ library, precision }) => library !== 'Stillroom' || precision === 'float32');
    for (let round = 0; round < repeats; round++) {
      onProgress(`${workload.name}: round ${round + 1} of ${repeats}`);
      for (const matmul of matmuls) {
        const { gigaflops } = await matmul.worker.ask('matmul', { precision: matmul.precision });
        matmul.rates.push(gigaflops);
        await wait(PAUSE_MILLISECONDS);
      }
      for (const { timed } of rotated(contenders, round)) {
        await timed.runRound(iterations);
        await wait(PAUSE_MILLISECONDS);
      }
    }
    const peaks: Record<string, number> = {};
    for (const { library, worker } of started)
      peaks[library] = (await worker.ask('memory', {})).peakResidentBytes;
    const { name, size, kind, batch } = workload;
    return {
      name,
      size,
      kind,
      batch,
      parameters: contenders[0]?.timed.facts.parameters ?? 0,
      gigaflopPerIteration: meanGigaflop(workload, iterations),
      iterationsPerRound: iterations.length,
      matmulGigaflops: matmuls.map(({ library, precision, rates }) => ({
        library,
        precision,
        gigaflops: spreadOf(rates),
      })),
      peakResidentBytes: peaks,
      ...evaluate(contenders),
    };
  } finally {
    for (const { worker } of started) await worker.close();
  }
}

/** Nobody is always first after the same neighbour. */
const rotated = <T>(items: readonly T[], by: number): T[] => [
  ...items.slice(by % items.length),
  ...items.slice(0, by % items.length),
];

function evaluate(
  contenders: readonly Contender[],
): Pick<ComparisonResult, 'contenders' | 'bfloat16ToFloat32'> {
  const ours = (precision: Precision) =>
    contenders.find((one) => one.library === 'Stillroom' && one.precision === precision)?.timed.seconds;
  const [single, half] = [ours('float32'), ours('bfloat16')];
  return {
    contenders: contenders.map(({ library, precision, version, timed }) => {
      const own = ours(precision);
      return {
        name: `${library}, ${precision}`,
        library,
        precision,
        version,
        firstIterationSeconds: timed.facts.firstIterationSeconds,
        secondsPerIteration: spreadOf(timed.seconds),
        ratio: own ? ratiosOf(own, timed.seconds) : null,
        ratioOfLowest: own ? Math.min(...own) / Math.min(...timed.seconds) : null,
      };
    }),
    bfloat16ToFloat32: single && half ? ratiosOf(half, single) : null,
  };
}

/** That PyTorch's network has as many parameters and products as ours, by PyTorch's own count. @throws StudioError. */
async function requireSameWork(worker: Worker, { network, name }: Workload): Promise<void> {
  const theirs = await worker.ask('flops', { network });
  const ours = { ...passFlops(network), parameters: parametersOf(network) };
  for (const key of ['forward', 'backward', 'parameters'] as const) {
    if (ours[key] !== theirs[key])
      throw new StudioError(
        'internal',
        `${name}: ${key} is ${ours[key]} in our network and ${theirs[key]} in PyTorch's.`,
      );
  }
}

const parametersOf = (network: NetworkConfig): number => countParameters(createNetwork(network).specs);
