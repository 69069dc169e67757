/** The benchmark's result as a file holds it and as the terminal shows it. */
import type { Palette } from '../../electron/terminal/colour.ts';
import { formatBytes, formatNumber, formatSeconds } from '../../electron/terminal/quantities.ts';
import { renderTable } from '../../electron/terminal/table.ts';
import type { BackendName } from '../../engine/tensor/backends/backend.ts';
import type { BackendResult } from './measureBackend.ts';
import type { Spread } from './statistics.ts';

export interface Bench {
  readonly measuredAt: string;
  readonly command: string;
  readonly system: {
    readonly platform: string;
    readonly processor: string;
    readonly threads: number;
    readonly memoryBytes: number;
    readonly node: string;
    readonly loadAverage: readonly number[];
  };
  readonly repeats: number;
  readonly results: readonly BackendResult[];
  readonly unavailable: readonly { readonly backend: BackendName; readonly reason: string }[];
}

const range = ({ lowest, highest }: Spread, format: (value: number) => string): string =>
  `${format(lowest)} to ${format(highest)}`;

/** Ends with a line feed. */
export function renderBench(bench: Bench, palette: Palette): string {
  const { system, repeats } = bench;
  const load = system.loadAverage.map((value) => value.toFixed(1)).join(', ');
  const heading = [
    `${system.processor}, ${system.threads} threads, ${formatBytes(system.memoryBytes)}, Node ${system.node}`,
    `median of ${repeats} alternating repeats; load average at the end ${load}`,
  ];
  const sections = [
    heading.join('\n'),
    ...bench.results.map((result) => renderBackend(result, palette)),
    ...bench.unavailable.map(({ backend, reason }) => `${palette.bold(backend)}: not measured. ${reason}`),
  ];
  return `${sections.join('\n\n')}\n`;
}

function renderBackend(result: BackendResult, palette: Palette): string {
  const { backend, version, device, matmulGigaflops, peakResidentBytes, activationSeconds } = result;
  const rows = result.workloads.map((workload) => {
    const gigaflops = workload.gigaflopPerIteration / workload.secondsPerIteration.median;
    return [
      workload.name,
      workload.secondsPerIteration.median,
      range(workload.secondsPerIteration, formatSeconds),
      workload.gigaflopPerIteration,
      gigaflops,
      (100 * gigaflops) / matmulGigaflops.median,
      workload.firstIterationSeconds,
      formatBytes(workload.residentBytes),
    ];
  });
  const table = renderTable(
    {
      title: `${backend} (${version}, ${device})`,
      columns: [
        { label: 'one iteration of' },
        { label: 'median', format: formatSeconds },
        { label: 'lowest to highest' },
        { label: 'products', unit: 'GFLOP' },
        { label: 'rate', unit: 'GFLOP/s' },
        { label: 'of matmul', unit: '%' },
        { label: 'first', format: formatSeconds },
        { label: 'memory' },
      ],
      rows,
    },
    palette,
  );
  const ceiling = `matmul 1024³: ${formatNumber(matmulGigaflops.median)} GFLOP/s (${range(matmulGigaflops, formatNumber)})`;
  const process = `started in ${formatSeconds(activationSeconds)}; at most ${formatBytes(peakResidentBytes)} resident in all`;
  return `${table}\n${ceiling}; ${process}`;
}
