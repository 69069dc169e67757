import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test, vi } from 'vitest';

import { StudioError } from '../../../../engine/contract/errors.ts';
import { locateEngine } from '../../../../engine/tensor/native/nativeEngine.ts';
import { Network } from '../../../../engine/contract/network.ts';
import { verifyManifest } from '../../../../engine/tensor/native/manifest.ts';
import { provisionPin, type ProvisionProgress } from '../../../../engine/tensor/native/provision.ts';
import { makeSmallEngine, writeProgram, type SmallEngine } from '../../../support/smallEngine.ts';

let folder: string;
let small: SmallEngine;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'provision-'));
  small = await makeSmallEngine(folder);
  for (const [name, value] of Object.entries(small.environment)) vi.stubEnv(name, value);
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

const enginesFolder = () => join(folder, 'cache', 'engines');
const provision = () => provisionPin('cpu', small.pin);
const provisionElsewhere = () =>
  promisify(execFile)(process.execPath, [
    join(import.meta.dirname, '../../../support/provisionSmallEngine.ts'),
    JSON.stringify(small.pin),
  ]);

async function failure(work: Promise<unknown>): Promise<StudioError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StudioError) return error;
  throw new Error(`A StudioError was expected, not ${String(error)}.`);
}

test('an engine holds the libraries, the addon and nothing else, and nothing is left beside it', async () => {
  const progress: ProvisionProgress[] = [];
  const engine = await provisionPin('cpu', small.pin, { onProgress: (event) => progress.push(event) });
  expect(await verifyManifest(engine.folder)).toEqual([]);
  expect(readdirSync(enginesFolder())).toEqual([engine.key]);
  expect(readdirSync(engine.folder).sort()).toEqual([
    'manifest.json',
    'stillroom_tensorflow.node',
    'tensorflow',
  ]);
  expect(readdirSync(join(engine.folder, 'tensorflow')).sort()).toEqual([
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
  expect(readFileSync(join(engine.folder, 'tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe(
    'a library of no use',
  );
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(progress.at(-1)).toMatchObject({ phase: 'ready', fraction: 1 });
});

test('a provisioned engine needs neither Python, compiler nor network', async () => {
  const engine = await provision();
  vi.stubEnv('PATH', '');
  vi.stubEnv('CXX', '');
  expect(await provision()).toEqual(engine);
});

test('a damaged engine is made again', async () => {
  const engine = await provision();
  truncateSync(engine.addonPath, 3);
  await provision();
  expect(await verifyManifest(engine.folder)).toEqual([]);
});

test('of two processes at once one builds and both have the engine', async () => {
  const phases = await Promise.all([provisionElsewhere(), provisionElsewhere()]);
  const builders = phases.filter(({ stdout }) => stdout.includes('compile'));
  expect(builders).toHaveLength(1);
  expect(phases.every(({ stdout }) => stdout.includes('ready'))).toBe(true);
  expect(readdirSync(enginesFolder())).toEqual([locateEngine('cpu', small.pin).key]);
});

test('a process killed in the middle leaves no engine, and the next one cleans up and succeeds', async () => {
  vi.stubEnv('CXX', writeProgram(folder, 'killer', '[ "$1" = --version ] || kill -9 $PPID'));
  await expect(provisionElsewhere()).rejects.toMatchObject({ signal: 'SIGKILL' });
  const { folder: engineFolder, key } = locateEngine('cpu', small.pin);
  expect(existsSync(engineFolder)).toBe(false);
  expect(readdirSync(enginesFolder())).toContain(`${key}.lock`);

  vi.stubEnv('CXX', small.environment['CXX'] ?? '');
  await provision();
  expect(readdirSync(enginesFolder())).toEqual([key]);
});

test('without Python the error says so and names the fallback', async () => {
  vi.stubEnv('PATH', '');
  const { code, message, hint } = await failure(provision());
  expect(code).toBe('engine-unavailable');
  expect(message).toMatch(/neither python3 nor python was found/);
  expect(hint).toMatch(/Install Python 3.*webgpu or wasm/);
});

test('without pip the error says that Python alone is not enough', async () => {
  writeProgram(join(folder, 'bin'), 'python3', '[ "$1" = --version ]');
  vi.stubEnv('PATH', join(folder, 'bin'));
  expect((await failure(provision())).message).toMatch(/pip is missing/);
});

test('without a compiler the error says so before anything is downloaded', async () => {
  vi.stubEnv('CXX', join(folder, 'no-such-compiler'));
  expect((await failure(provision())).message).toMatch(/CXX names .*no-such-compiler, which cannot be run/);
  expect(readdirSync(enginesFolder())).toEqual([]);
});

test('where Python is but no compiler, the error says what to install, before anything is downloaded', async () => {
  const { stdout } = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)']);
  writeProgram(join(folder, 'bin'), 'python3', `exec ${stdout.trim()} "$@"`);
  vi.stubEnv('CXX', '');
  vi.stubEnv('PATH', join(folder, 'bin'));
  const { message, hint } = await failure(provision());
  expect(message).toMatch(/cannot be built: no C\+\+ compiler was found/);
  expect(hint).toMatch(/Install g\+\+.*packed on another computer.*webgpu or wasm/);
  expect(readdirSync(enginesFolder())).toEqual([]);
});

/** An addon for the small engine; any that loads will do. */
function fittingAddon(): string {
  const name = `${process.platform}-${process.arch}.node`;
  return join(import.meta.dirname, '../../../../node_modules/better-sqlite3/prebuilds', name);
}

test('an addon that came with the app takes the place of a compiler', async () => {
  vi.stubEnv('CXX', join(folder, 'no-such-compiler'));
  const addon = fittingAddon();
  const phases = new Set<string>();
  const onProgress = ({ phase }: ProvisionProgress) => phases.add(phase);
  const engine = await provisionPin('cpu', small.pin, { addon, onProgress });
  expect(readFileSync(engine.addonPath)).toEqual(readFileSync(addon));
  expect(await verifyManifest(engine.folder)).toEqual([]);
  expect(phases.has('compile')).toBe(false);
});

test('one that does not load here is compiled instead', async () => {
  const addon = join(folder, 'addon.node');
  writeFileSync(addon, 'compiled for another C library');
  const engine = await provisionPin('cpu', small.pin, { addon });
  expect(readFileSync(engine.addonPath)).toEqual(Buffer.alloc(64));
});

test('a compiler that fails is quoted', async () => {
  vi.stubEnv(
    'CXX',
    writeProgram(folder, 'broken', '[ "$1" = --version ] || { echo "x.cc:1: error: no luck" >&2; exit 1; }'),
  );
  expect((await failure(provision())).message).toMatch(/could not be compiled by .*broken: error: no luck/);
  expect(readdirSync(enginesFolder())).toEqual([]);
});

test('a wheel with other contents than the pinned ones is refused', async () => {
  const wheels = small.pin.wheels.map((wheel) => ({ ...wheel, sha256: 'f'.repeat(64) }));
  const error = await failure(provisionPin('cpu', { ...small.pin, wheels }));
  expect(error.message).toMatch(/not the pinned one, so it was refused/);
  expect(readdirSync(enginesFolder())).toEqual([]);
});

test('an index that cannot be reached is called that', async () => {
  vi.stubEnv('PIP_NO_INDEX', '');
  vi.stubEnv('PIP_FIND_LINKS', '');
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
  vi.stubEnv('PIP_RETRIES', '1');
  expect((await failure(provision())).message).toMatch(/the package index cannot be reached/);
});

test('an engine that does not fit on the disk is refused with both numbers', async () => {
  const error = await failure(provisionPin('cpu', { ...small.pin, installedBytes: 1e18 }));
  expect(error.message).toMatch(/needs 10{12} MB in .*; only \d+ MB are free/);
});

test('cancelling ends the download and leaves nothing', async () => {
  writeProgram(join(folder, 'bin'), 'python3', '[ "$1" = -c ] || exec sleep 60');
  vi.stubEnv('PATH', join(folder, 'bin') + delimiter + (process.env['PATH'] ?? ''));
  const controller = new AbortController();
  const onProgress = (): void => controller.abort();
  const error = await failure(provisionPin('cpu', small.pin, { onProgress, signal: controller.signal }));
  expect(error.code).toBe('cancelled');
  expect(readdirSync(enginesFolder())).toEqual([]);
});

/** A package index with the small engine's wheel, which counts what it is asked. */
async function serveIndex(): Promise<{ readonly asked: string[]; close: () => void }> {
  const asked: string[] = [];
  const links = join(folder, 'links');
  const [wheel = ''] = readdirSync(links);
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.endsWith('.whl') === true) response.end(readFileSync(join(links, wheel)));
    else response.setHeader('Content-Type', 'text/html').end(`<a href="/${wheel}">${wheel}</a>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('PIP_NO_INDEX', '0');
  vi.stubEnv('PIP_FIND_LINKS', '');
  vi.stubEnv('PIP_INDEX_URL', `http://127.0.0.1:${port}/simple`);
  return { asked, close: () => server.close() };
}

test('as many requests are counted as the index was asked', async () => {
  const index = await serveIndex();
  const network = new Network();
  await provisionPin('cpu', small.pin, { network });
  expect(index.asked).toHaveLength(2);
  expect(network.requests).toBe(2);
  // From the cache nothing is asked.
  await provisionPin('cpu', small.pin, { network });
  expect(network.requests).toBe(2);
  index.close();
});

test('nothing is asked where the network is switched off', async () => {
  const index = await serveIndex();
  const network = new Network(() => true);
  const error = await failure(provisionPin('cpu', small.pin, { network }));
  expect(error.message).toBe('The network is switched off in Settings, so nothing was downloaded.');
  expect([index.asked, network.requests]).toEqual([[], 0]);
  expect(readdirSync(enginesFolder())).toEqual([]);
  index.close();
});
