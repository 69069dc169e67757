/** The benchmark's results as the terminal shows them. */
import type { Palette } from '../../electron/terminal/colour.ts';
import { formatBytes, formatNumber, formatSeconds } from '../../electron/terminal/quantities.ts';
import { renderTable } from '../../electron/terminal/table.ts';
import type { ComparisonResult } from './comparePytorch.ts';
import type { BackendAnswer, BackendResult } from './measureBackend.ts';
import type { GrowthCurve } from './measureGrowth.ts';
import type { Spread } from './statistics.ts';

const range = ({ lowest, highest }: Spread, format: (value: number) => string): string =>
  `${format(lowest)} to ${format(highest)}`;

/** All end with a line feed. */
export function renderBackend(answer: BackendAnswer, palette: Palette): string {
  if ('unavailable' in answer)
    return `${palette.bold(answer.backend)}: not measured. ${answer.unavailable}\n`;
  const { backend, version, device, matmulGigaflops, peakResidentBytes, activationSeconds } = answer;
  const table = renderTable(
    {
      title: `${backend} (${version}, ${device})`,
      columns: [
        { label: 'one iteration of' },
        { label: 'batch' },
        { label: 'median', format: formatSeconds },
        { label: 'lowest to highest' },
        { label: 'products', unit: 'GFLOP' },
        { label: 'rate', unit: 'GFLOP/s' },
        { label: 'of matmul', unit: '%' },
        { label: 'first', format: formatSeconds },
        { label: 'memory', format: formatBytes },
      ],
      rows: answer.workloads.map((workload) => {
        const gigaflops = workload.gigaflopPerIteration / workload.secondsPerIteration.median;
        return [
          workload.name,
          workload.batch,
          workload.secondsPerIteration.median,
          range(workload.secondsPerIteration, formatSeconds),
          workload.gigaflopPerIteration,
          gigaflops,
          (100 * gigaflops) / matmulGigaflops.median,
          workload.firstIterationSeconds,
          workload.residentBytes,
        ];
      }),
    },
    palette,
  );
  const ceiling = `matmul 1024³: ${formatNumber(matmulGigaflops.median)} GFLOP/s (${range(matmulGigaflops, formatNumber)})`;
  const process = `started in ${formatSeconds(activationSeconds)}; at most ${formatBytes(peakResidentBytes)} resident in all`;
  const sampling = answer.sampling.length === 0 ? '' : `\n${renderSampling(answer, palette)}`;
  return `${table}\n${ceiling}; ${process}\n${sampling}`;
}

function renderSampling({ sampling }: BackendResult, palette: Palette): string {
  const rows = sampling.map(({ size, kind, steps, imagesPerSecond }) => {
    const teacher = sampling.find((other) => other.size === size && other.kind === 'teacher');
    return [
      `${size} ${kind}, ${steps} ${kind === 'teacher' ? 'guided steps' : steps === 1 ? 'step' : 'steps'}`,
      imagesPerSecond.median,
      range(imagesPerSecond, formatNumber),
      imagesPerSecond.median / (teacher?.imagesPerSecond.median ?? NaN),
    ];
  });
  const columns = [
    { label: 'from noise to PNG' },
    { label: 'median', unit: 'images/s' },
    { label: 'lowest to highest' },
    { label: 'to teacher', unit: 'times' },
  ];
  return renderTable({ columns, rows }, palette);
}

export function renderGrowth(curve: GrowthCurve, palette: Palette): string {
  const table = renderTable(
    {
      title: `${curve.backend}: one iteration of ${curve.size} ${curve.kind}, ${curve.precision}`,
      columns: [
        { label: 'batch' },
        { label: 'median', format: formatSeconds },
        { label: 'lowest to highest' },
        { label: 'rate', unit: 'GFLOP/s' },
        { label: 'of matmul', unit: '%' },
        { label: 'first step', unit: 'after start', format: formatSeconds },
        { label: 'peak', unit: 'memory', format: formatBytes },
        { label: 'held', unit: 'memory', format: formatBytes },
        { label: 'state', unit: 'counted', format: formatBytes },
        { label: 'activations', unit: 'measured', format: formatBytes },
        { label: 'peak', unit: 'to both' },
      ],
      rows: curve.points.map(({ batch, secondsPerIteration, memory, ...point }) => {
        const gigaflops = point.gigaflopPerIteration / secondsPerIteration.median;
        return [
          batch,
          secondsPerIteration.median,
          range(secondsPerIteration, formatSeconds),
          gigaflops,
          (100 * gigaflops) / point.matmulGigaflops.median,
          point.sinceStartSeconds,
          memory.peakBytes,
          memory.residentBytes,
          memory.stateBytes,
          memory.activationBytes,
          memory.peakBytes / (memory.stateBytes + memory.activationBytes),
        ];
      }),
    },
    palette,
  );
  if (!curve.fit) return table;
  const { slope, intercept, rSquared } = curve.fit;
  const line = `${formatSeconds(slope)} an image and ${formatSeconds(intercept)}`;
  return `${table}\nfrom batch 8 on: ${line}, R² ${rSquared.toFixed(4)}\n`;
}

export function renderComparison(result: ComparisonResult, palette: Palette): string {
  const matmul = (library: string, precision: string) =>
    result.matmulGigaflops.find((one) => one.library === library && one.precision === precision)?.gigaflops;
  const table = renderTable(
    {
      title: `one iteration of ${result.name}, batch ${result.batch}`,
      columns: [
        { label: 'with' },
        { label: 'median', format: formatSeconds },
        { label: 'lowest to highest' },
        { label: 'rate', unit: 'GFLOP/s' },
        { label: 'first', format: formatSeconds },
        { label: 'ours to it', unit: 'ratio' },
        { label: 'lowest to highest' },
        { label: 'of lowest', unit: 'times' },
      ],
      rows: result.contenders.map(
        ({ name, secondsPerIteration, firstIterationSeconds, ratio, ratioOfLowest, library }) => [
          name,
          secondsPerIteration.median,
          range(secondsPerIteration, formatSeconds),
          result.gigaflopPerIteration / secondsPerIteration.median,
          firstIterationSeconds,
          library === 'Stillroom' ? null : (ratio?.median ?? null),
          library === 'Stillroom' || !ratio ? '' : range(ratio, formatNumber),
          library === 'Stillroom' ? null : ratioOfLowest,
        ],
      ),
    },
    palette,
  );
  const rates = result.matmulGigaflops.map(
    ({ library, precision, gigaflops }) => `${library} ${precision} ${formatNumber(gigaflops.median)}`,
  );
  const own = matmul('Stillroom', 'float32');
  const share =
    own && result.contenders[0]
      ? `; ours runs at ${formatNumber((100 * result.gigaflopPerIteration) / result.contenders[0].secondsPerIteration.median / own.median)} % of it`
      : '';
  const half = result.bfloat16ToFloat32
    ? `\nour bfloat16 to our float32: ${formatNumber(result.bfloat16ToFloat32.median)} (${range(result.bfloat16ToFloat32, formatNumber)})`
    : '';
  return `${table}\nmatmul 1024³ in GFLOP/s: ${rates.join(', ')}${share}${half}\n`;
}
