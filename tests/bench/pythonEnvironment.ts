/** A Python of the benchmark's own with a pinned PyTorch, made once in the cache folder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../engine/contract/cacheFolder.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { runCommand } from '../../engine/tensor/native/command.ts';
import { findPip } from '../../engine/tensor/native/download.ts';

const folderOfTwin = path.join(import.meta.dirname, 'pytorch');
export const workerFile = path.join(folderOfTwin, 'worker.py');
const requirements = path.join(folderOfTwin, 'requirements.txt');

/** What its processes need: the reference mathematics, and no compiled files in the checkout. */
export const pythonVariables = {
  PYTHONPATH: path.join(import.meta.dirname, '../goldens/reference'),
  PYTHONDONTWRITEBYTECODE: '1',
} as const;

/** On Linux the package index offers PyTorch with CUDA's libraries alone. */
const BYTES_NEEDED = 10e9;

/**
 * The environment's interpreter, from the cache when it is there. Written last, `ready` marks an environment that is
 * whole; without it, it is made anew.
 *
 * @throws StudioError 'engine-unavailable' when it cannot be made.
 */
export async function pythonEnvironment(onProgress: (message: string) => void): Promise<string> {
  const pins = await readFile(requirements, 'utf8');
  const key = createHash('sha256').update(pins).digest('hex').slice(0, 12);
  const folder = path.join(cacheFolder(), 'bench', `pytorch-${key}`);
  const scripts = process.platform === 'win32' ? 'Scripts' : 'bin';
  const python = path.join(folder, scripts, process.platform === 'win32' ? 'python.exe' : 'python');
  const ready = path.join(folder, 'ready');
  if (existsSync(ready)) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < BYTES_NEEDED)
    throw failure('it needs 10 GB of free disk space while it is made, and 6 GB after', folder);
  onProgress(`Making a Python environment with ${pins.trim().split('\n').join(', ')} in ${folder} (once)`);
  await run(await findPip(), ['-m', 'venv', folder], folder);
  const install = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--disable-pip-version-check'];
  await run(python, [...install, '--requirement', requirements], folder);
  await writeFile(ready, pins);
  return python;
}

/** That the twin computes what the reference does. @throws StudioError 'internal' naming what differs. */
export async function checkTwin(python: string): Promise<void> {
  const { exitCode, output } = await runCommand(python, [path.join(folderOfTwin, 'checkTwin.py')], {
    env: pythonVariables,
  });
  if (exitCode === 0) return;
  throw new StudioError('internal', `PyTorch's side computes something else: ${lastLine(output)}.`, '', {
    cause: output,
  });
}

async function run(program: string, args: readonly string[], folder: string): Promise<void> {
  const { exitCode, output } = await runCommand(program, args);
  if (exitCode !== 0) throw failure(lastLine(output), folder);
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? '';

const failure = (why: string, folder: string): StudioError =>
  new StudioError(
    'engine-unavailable',
    `The Python environment in ${folder} could not be made: ${why}.`,
    'Put that right and start again, or name a Python that has PyTorch with --python.',
  );
