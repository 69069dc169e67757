/** Times training iterations and sampling on every backend that runs here, beside the matrix product that bounds them. */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createPalette, wantsColour } from '../../electron/terminal/colour.ts';
import { formatBytes } from '../../electron/terminal/quantities.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { parseOptions, usage, type BenchOptions } from './benchOptions.ts';
import { comparePytorch, type ComparisonResult } from './comparePytorch.ts';
import { measureBackend, type BackendAnswer } from './measureBackend.ts';
import { measureGrowth, type GrowthCurve } from './measureGrowth.ts';
import { renderPage } from './page.ts';
import { pythonEnvironment } from './pythonEnvironment.ts';
import { sizes } from './sizes.ts';
import type { Bench } from './results.ts';
import { renderBackend, renderComparison, renderGrowth } from './tables.ts';

type Results = Pick<Bench, 'backends' | 'growth' | 'comparisons'>;

const report = (message: string): boolean => process.stderr.write(`${message}\n`);

/** What is known so far, each time there is more: a long run that fails late keeps what it measured. */
async function* measure(options: BenchOptions): AsyncGenerator<Results> {
  const results = {
    backends: [] as BackendAnswer[],
    growth: [] as GrowthCurve[],
    comparisons: [] as ComparisonResult[],
  };
  switch (options.mode) {
    case 'backends':
      for (const backend of options.backends) {
        const isSlow = backend === 'wasm' && !options.all;
        const shapes = options.shapes.filter(({ size }) => !isSlow || sizes[size].network.family === 'mlp');
        report(`Measuring ${backend}`);
        results.backends.push(await measureBackend({ ...options, backend, shapes, sampling: true }));
        yield results;
      }
      return;
    case 'growth':
      for (const backend of options.backends) {
        for (const shape of options.growthShapes) {
          report(`Measuring ${backend}, ${shape.size}`);
          for await (const curve of measureGrowth(backend, shape, options.growthBatches, options.repeats)) {
            results.growth.push(curve);
            yield results;
          }
        }
      }
      return;
    case 'pytorch': {
      const python = options.python ?? (await pythonEnvironment(report));
      for await (const comparison of comparePytorch({ ...options, python, onProgress: report })) {
        results.comparisons.push(comparison);
        yield results;
      }
    }
  }
}

/** Half a processor busy with something else. */
const BUSY = 0.5;

function warnWhenBusy(): void {
  const [load = 0] = os.loadavg();
  if (load <= BUSY) return;
  report(
    `Other programs use this computer (load average ${load.toFixed(1)}): every number suffers, and PyTorch's most.`,
  );
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  if (words.includes('--help')) {
    process.stdout.write(usage);
    return;
  }
  const options = parseOptions(words);
  warnWhenBusy();
  const plot = `${options.json.replace(/\.json$/, '')}.html`;
  await mkdir(path.dirname(path.resolve(options.json)), { recursive: true });
  let bench: Bench | undefined;
  for await (const results of measure(options)) {
    bench = describe(options, results);
    await writeFile(options.json, `${JSON.stringify(bench, null, 2)}\n`);
    await writeFile(plot, renderPage(bench));
  }
  if (bench) process.stdout.write(`${renderBench(bench)}\nWritten to ${options.json} and ${plot}\n`);
}

const describe = (options: BenchOptions, results: Results): Bench => ({
  measuredAt: new Date().toISOString(),
  command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
  system: {
    platform: `${process.platform}-${process.arch}`,
    processor: os.cpus()[0]?.model ?? 'unknown',
    threads: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    node: process.versions.node,
    loadAverage: os.loadavg(),
  },
  repeats: options.repeats,
  ...results,
});

function renderBench(bench: Bench): string {
  const palette = createPalette(wantsColour(process.stdout.isTTY));
  const { system, repeats } = bench;
  const load = system.loadAverage.map((value) => value.toFixed(1)).join(', ');
  const heading = [
    `${system.processor}, ${system.threads} threads, ${formatBytes(system.memoryBytes)}, Node ${system.node}`,
    `median of ${repeats} alternating repeats; load average at the end ${load}\n`,
  ];
  return [
    heading.join('\n'),
    ...bench.backends.map((answer) => renderBackend(answer, palette)),
    ...bench.growth.map((curve) => renderGrowth(curve, palette)),
    ...bench.comparisons.map((result) => renderComparison(result, palette)),
  ].join('\n');
}

await main().catch((error: unknown) => {
  if (!(error instanceof StudioError)) throw error;
  process.stderr.write(`${error.message} ${error.hint}\n`);
  process.exitCode = error.code === 'input-invalid' || error.code === 'recipe-invalid' ? 2 : 1;
});
