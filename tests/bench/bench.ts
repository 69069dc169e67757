/**
 * Times training iterations on every backend that runs here, beside the matrix product that bounds them.
 *
 *   npm run bench -- [--json FILE] [--backend NAME] [--repeats 5] [--all] [--eager]
 *
 * --all measures the DiT on wasm too, which takes minutes; --eager also the steps that are not captured.
 */
import { fork } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createPalette, wantsColour } from '../../electron/terminal/colour.ts';
import { wholeNumber } from '../../electron/commands/command.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { backendNames, type BackendName } from '../../engine/tensor/backends/backend.ts';
import { renderBench, type Bench } from './benchTable.ts';
import type { BackendAnswer, BackendRequest } from './measureBackend.ts';

function measureInChild(request: BackendRequest): Promise<BackendAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./measureBackend.ts', import.meta.url));
    child.once('message', (answer) => resolve(answer as BackendAnswer));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`measuring ${request.backend} ended with ${code ?? signal ?? 'nothing'}`)),
    );
    child.send(request);
  });
}

function chosenBackends(asked: string | undefined): readonly BackendName[] {
  if (asked === undefined) return backendNames;
  const name = backendNames.find((candidate) => candidate === asked);
  if (name) return [name];
  throw new StudioError(
    'input-invalid',
    `There is no backend “${asked}”.`,
    `It can be one of: ${backendNames.join(', ')}.`,
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string', default: 'bench-output/bench.json' },
      backend: { type: 'string' },
      repeats: { type: 'string' },
      all: { type: 'boolean', default: false },
      eager: { type: 'boolean', default: false },
    },
  });
  const repeats = wholeNumber('repeats', values.repeats, 5, [1, 1000]);
  const results: Bench['results'][number][] = [];
  const unavailable: Bench['unavailable'][number][] = [];
  for (const backend of chosenBackends(values.backend)) {
    const isSlow = backend === 'wasm' && !values.all;
    const models = isSlow ? (['toy'] as const) : (['toy', 'DiT'] as const);
    const answer = await measureInChild({ backend, models, eager: values.eager, repeats });
    if ('result' in answer) results.push(answer.result);
    else unavailable.push({ backend, reason: answer.unavailable });
  }
  const bench: Bench = {
    measuredAt: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    system: {
      platform: `${process.platform}-${process.arch}`,
      processor: os.cpus()[0]?.model ?? 'unknown',
      threads: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      node: process.versions.node,
      /** Other work on the computer shows here, and makes every number worse. */
      loadAverage: os.loadavg(),
    },
    repeats,
    results,
    unavailable,
  };
  await mkdir(path.dirname(path.resolve(values.json)), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(bench, null, 2)}\n`);
  process.stdout.write(renderBench(bench, createPalette(wantsColour(process.stdout.isTTY))));
  process.stdout.write(`\nWritten to ${values.json}\n`);
}

await main();
