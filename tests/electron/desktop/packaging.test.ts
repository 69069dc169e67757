/** The installers' app folder, made offline with a stand-in for Electron: what is in it, its fuses, its engine. */
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { extractAll, listPackage } from '@electron/asar';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeStandIn } from '../../support/electron/standIn.ts';
import { builtDesktop } from '../../support/electron/built.ts';

const root = path.resolve(import.meta.dirname, '../../..');
/** Minutes and a gigabyte: run by `npm run test:packaging`. */
const isAsked = process.platform === 'linux' && process.env['STILLROOM_PACKAGING'] === '1';
const run = promisify(execFile);
let folder = '';
const unpacked = () => path.join(folder, 'out/linux-unpacked');
const app = () => path.join(folder, 'app');
const archive = () => path.join(unpacked(), 'resources/app.asar');

beforeAll(async () => {
  if (!isAsked) return;
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-packaging-'));
  const { version } = JSON.parse(
    await readFile(path.join(root, 'node_modules/electron/package.json'), 'utf8'),
  ) as {
    version: string;
  };
  await makeStandIn(path.join(folder, 'electron'), version);
  await builtDesktop();
  for (const script of ['keepEngine.ts', 'writeNotices.ts'])
    await run(process.execPath, [path.join(root, 'scripts', script)]);
  await run(
    process.execPath,
    [
      path.join(root, 'node_modules/electron-builder/cli.js'),
      ...['--linux', 'dir', '--publish', 'never', '--config', 'electron-builder.config.json'],
      `-c.electronDist=${path.join(folder, 'electron')}`,
      `-c.directories.output=${path.join(folder, 'out')}`,
    ],
    { cwd: root, maxBuffer: 2 ** 24 },
  );
}, 600_000);

afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const packagingTest = test.skipIf(!isAsked);

packagingTest('the archive holds the app, its pages and resources, and nothing of its making', () => {
  const files = listPackage(archive(), { isPack: false }).map((name) => name.split(path.sep).join('/'));
  for (const file of [
    ...['/package.json', '/LICENSE', '/electron/main.ts', '/electron/engineProcess.ts', '/dist/preload.cjs'],
    ...[
      '/dist/renderer/index.html',
      '/resources/teachers/emoji/weights.safetensors',
      '/resources/demo/emoji.zip',
    ],
    ...['/node_modules/zod/package.json', '/node_modules/@tensorflow/tfjs-core/package.json'],
  ])
    expect(files).toContain(file);
  const outsiders =
    /^\/(tests|scripts|docs|shared|\.ci|\.git|renderer)(\/|$)|^\/node_modules\/(electron|vite|vitest|typescript|playwright-core)\//;
  expect(files.filter((file) => outsiders.test(file))).toEqual([]);
});

packagingTest('what other programs must read lies beside the archive', () => {
  const beside = [
    'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    'node_modules/@tensorflow/tfjs-node-gpu/binding/tfjs_binding.cc',
    'node_modules/node-api-headers/include/node_api.h',
    'engine/tensor/native/capturedFunctions.cc',
  ];
  for (const file of beside) expect(existsSync(path.join(`${archive()}.unpacked`, file))).toBe(true);
});

packagingTest(
  'of native parts it holds this platform’s alone, and is no larger than it must be',
  async () => {
    const native = (await readdir(path.join(`${archive()}.unpacked`, 'node_modules'), { recursive: true }))
      .map((name) => name.split(path.sep).join('/'))
      .filter((name) => name.endsWith('.node'));
    expect(native.filter((name) => /webgpu|better-sqlite3/.test(name)).sort()).toEqual([
      `better-sqlite3/prebuilds/linux-${process.arch}.node`,
      `webgpu/dist/linux-${process.arch}/dawn.node`,
    ]);
    const resources = path.join(unpacked(), 'resources');
    const files = (await readdir(resources, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const megabytes = (paths: readonly string[]) =>
      paths.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
    const isOfEngine = (file: string) => file.includes('/dist/engines/');
    const [engine, others] = [files.filter(isOfEngine), files.filter((file) => !isOfEngine(file))].map(
      megabytes,
    );
    console.log(`${others?.toFixed(1)} MB besides Electron, and ${engine?.toFixed(1)} MB of the CPU engine`);
    expect(others).toBeLessThan(160);
    expect(engine).toBeLessThan(700);
  },
);

packagingTest('the fuses are set', async () => {
  const wire = await getCurrentFuseWire(path.join(unpacked(), 'stillroom'));
  // As the fuse wire's format spells them.
  const [off, on] = ['0', '1'].map((state) => state.charCodeAt(0));
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: off,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
    [FuseV1Options.EnableNodeCliInspectArguments]: off,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
    [FuseV1Options.OnlyLoadAppFromAsar]: on,
  });
});

packagingTest('the licences of what it carries lie beside it', async () => {
  const notices = await readFile(path.join(unpacked(), 'resources/THIRD-PARTY.txt'), 'utf8');
  // Of the app's own processes, of native parts, and of what is bundled into the window.
  for (const name of ['zod@', '@tensorflow/tfjs-core@', 'better-sqlite3@', 'sharp@', '## svelte', '## uplot'])
    expect(notices).toContain(`\n${name}`);
  expect(notices).toMatch(/Permission is hereby granted, free of charge/);
  expect(notices).toMatch(/Apache License\s+Version 2\.0/);
  expect(notices).not.toMatch(/^(electron|vite|vitest)@/m);
});

packagingTest('its engine starts from the packaged layout', { timeout: 120_000 }, async () => {
  await layOut();
  expect(await startedBackend('wasm', {})).toBe('wasm');
});

packagingTest(
  'it trains with the native engine that it carries, without Python, compiler or network',
  { timeout: 600_000 },
  async () => {
    await layOut();
    // A new computer: nothing is kept there, and no other program is found.
    const cache = path.join(folder, 'cache');
    const env = { STILLROOM_CACHE: cache, PATH: '', STILLROOM_BACKEND: 'tensorflow' };
    expect(await startedBackend('tensorflow', env)).toBe('tensorflow');
    const student = path.join(folder, 'student');
    const settings = ['--teacher', 'toy', '--data', 'toy', '--training.iterations', '5', '--out', student];
    await run(process.execPath, [path.join(app(), 'electron/cli.ts'), 'distil', ...settings], {
      env: { ...process.env, ...env, STILLROOM_DATA: path.join(folder, 'data') },
      maxBuffer: 2 ** 24,
    });
    expect(existsSync(path.join(student, 'weights.safetensors'))).toBe(true);
    expect(existsSync(path.join(cache, 'engines'))).toBe(false);
  },
);

/** Node does not read inside archives, as Electron does: what the app sees is laid out in a folder. */
async function layOut(): Promise<void> {
  if (existsSync(app())) return;
  extractAll(archive(), app());
  await cp(`${archive()}.unpacked`, app(), { recursive: true });
}

/** The backend that the engine's process says it has. */
async function startedBackend(prefer: string, env: Readonly<Record<string, string>>): Promise<unknown> {
  const child: ChildProcess = fork(path.join(app(), 'electron/engineProcess.ts'), {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: { ...process.env, ...env, STILLROOM_BACKEND: prefer },
  });
  try {
    child.send(JSON.stringify({ kind: 'request', id: 1, name: 'engine.start', input: { prefer } }));
    const [answer] = (await once(child, 'message')) as [string];
    const { output } = JSON.parse(answer) as { output?: { backend?: { name?: string } } };
    return output?.backend?.name;
  } finally {
    child.kill('SIGKILL');
  }
}
