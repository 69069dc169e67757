/**
 * Times training iterations and sampling on every backend that runs here, beside the matrix product that bounds them.
 *
 *   npm run bench -- [--sizes toy,DiT-4M,DiT-33M] [--batches 8,32] [--precisions float32,bfloat16] [--repeats 5]
 *                    [--backend NAME] [--json FILE] [--all] [--eager]
 *   npm run bench -- --growth             how time and memory grow with the batch
 *   npm run bench -- --against pytorch    the same iterations in PyTorch, taking turns with ours [--python FILE]
 *
 * --all measures the DiT on wasm too, which takes minutes; --eager also the steps that are not captured. The plot is
 * written beside the JSON file.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createPalette, wantsColour } from '../../electron/terminal/colour.ts';
import { formatBytes } from '../../electron/terminal/quantities.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { parseOptions, type BenchOptions } from './benchOptions.ts';
import { comparePytorch } from './comparePytorch.ts';
import { measureBackend, type BackendAnswer } from './measureBackend.ts';
import { measureGrowth, type GrowthCurve } from './measureGrowth.ts';
import { renderPage } from './page.ts';
import { pythonEnvironment } from './pythonEnvironment.ts';
import { sizes } from './sizes.ts';
import type { Bench } from './results.ts';
import { renderBackend, renderComparison, renderGrowth } from './tables.ts';

type Results = Pick<Bench, 'backends' | 'growth' | 'comparisons'>;

const nothing: Results = { backends: [], growth: [], comparisons: [] };

const report = (message: string): boolean => process.stderr.write(`${message}\n`);

async function measure(options: BenchOptions): Promise<Results> {
  switch (options.mode) {
    case 'backends': {
      const backends: BackendAnswer[] = [];
      for (const backend of options.backends) {
        const isSlow = backend === 'wasm' && !options.all;
        const shapes = options.shapes.filter(({ size }) => !isSlow || sizes[size].network.family === 'mlp');
        report(`Measuring ${backend}`);
        backends.push(await measureBackend({ ...options, backend, shapes, sampling: true }));
      }
      return { ...nothing, backends };
    }
    case 'growth': {
      const growth: GrowthCurve[] = [];
      for (const backend of options.backends) {
        for (const shape of options.growthShapes) {
          report(`Measuring ${backend}, ${shape.size}`);
          growth.push(...(await measureGrowth(backend, shape, options.growthBatches, options.repeats)));
        }
      }
      return { ...nothing, growth };
    }
    case 'pytorch': {
      const python = options.python ?? (await pythonEnvironment(report));
      const comparisons = await comparePytorch({ ...options, python, onProgress: report });
      return { ...nothing, comparisons };
    }
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const results = await measure(options);
  const bench: Bench = {
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
  };
  const plot = `${options.json.replace(/\.json$/, '')}.html`;
  await mkdir(path.dirname(path.resolve(options.json)), { recursive: true });
  await writeFile(options.json, `${JSON.stringify(bench, null, 2)}\n`);
  await writeFile(plot, renderPage(bench));
  process.stdout.write(`${renderBench(bench)}\nWritten to ${options.json} and ${plot}\n`);
}

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
  process.exitCode = 1;
});
