/** Fetches pinned wheels with the user's own pip, so that proxies, mirrors and certificates set there are respected. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Network } from '../../contract/network.ts';
import { findProgram, runCommand } from './command.ts';
import { engineUnavailable } from './failures.ts';
import type { WheelPin } from './pins.ts';

/** A Python with pip, e.g. `python3`; throws `engine-unavailable` naming which of the two is missing. */
export async function findPip(): Promise<string> {
  const pythons = ['python3', 'python'];
  const python = await findProgram(pythons, ['-c', 'import pip']);
  if (python) return python;
  if (await findProgram(pythons, ['--version'])) {
    throw engineUnavailable(
      'The native engine cannot be downloaded: Python is here, but its pip is missing.',
      'Install pip (on Debian and Ubuntu: the package python3-pip) and try again.',
    );
  }
  throw engineUnavailable(
    'The native engine cannot be downloaded: neither python3 nor python was found.',
    'Install Python 3 with pip and try again; it is needed only for this download.',
  );
}

export interface DownloadOptions {
  readonly network: Network;
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads one wheel into `folder` and returns its path. pip verifies the pinned SHA-256. Throws
 * `engine-unavailable` when the network is switched off, pip cannot reach an index, finds no such wheel, other contents or no space.
 */
export async function downloadWheel(
  python: string,
  wheel: WheelPin,
  folder: string,
  { network, onBytes, signal }: DownloadOptions,
): Promise<string> {
  const target = join(folder, wheel.package);
  await mkdir(target, { recursive: true });
  const requirements = join(target, 'requirements.txt');
  await writeFile(requirements, `${wheel.package}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const args = ['-m', 'pip', 'download', '--quiet', '--no-cache-dir', '--disable-pip-version-check'];
  args.push('--require-hashes', '--no-deps', '--only-binary=:all:', '--implementation', 'cp');
  args.push('--python-version', wheel.pythonVersion, '--abi', `cp${wheel.pythonVersion}`);
  args.push('--platform', wheel.platformTag, '--dest', target, '--requirement', requirements);
  const log = join(target, 'pip.log');
  args.push('--log', log);

  // pip downloads into the temporary folder first; its growth is the progress.
  let running = true;
  const watch = setInterval(() => {
    void sumBytes(target).then((bytes) => running && onBytes?.(bytes));
  }, 500);
  try {
    const { exitCode, output } = await network.use(async (count) => {
      try {
        return await runCommand(python, args, { env: { TMPDIR: target }, signal });
      } finally {
        count(await requestsIn(log));
      }
    });
    if (exitCode !== 0) throw explainPipFailure(wheel, output);
  } finally {
    running = false;
    clearInterval(watch);
  }
  const name = (await readdir(target)).find((file) => file.endsWith('.whl'));
  if (!name) {
    throw engineUnavailable(
      `pip ended well but left no file for ${wheel.package}.`,
      'Update pip and try again.',
    );
  }
  return join(target, name);
}

/** Requests that pip's log tells of: those that were answered, and each attempt that was not. */
async function requestsIn(log: string): Promise<number> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return [...text.matchAll(/"(?:GET|HEAD|POST) \S+ HTTP\/[\d.]+" \d{3}|Retrying \(Retry\(/g)].length;
}

function explainPipFailure(wheel: WheelPin, output: string): Error {
  const subject = `${wheel.package} ${wheel.version} could not be downloaded`;
  if (/No space left|Errno 28/.test(output)) {
    return engineUnavailable(`${subject}: the disk is full.`, 'Free some space and try again.', output);
  }
  if (/DO NOT MATCH THE HASHES|Expected sha256/.test(output)) {
    return engineUnavailable(
      `${subject}: the file offered is not the pinned one, so it was refused.`,
      'Check the package index or mirror that pip is set to use.',
      output,
    );
  }
  if (/Retrying|ConnectionError|NewConnectionError|Connection|resolution|timed out|SSLError/i.test(output)) {
    return engineUnavailable(
      `${subject}: the package index cannot be reached.`,
      "Check the network, or pip's proxy and index settings, and try again.",
      output,
    );
  }
  const reason = output.match(/ERROR: (.*)/)?.[1] ?? output.trim().split('\n').at(-1) ?? 'pip gave no reason';
  return engineUnavailable(
    `${subject}: ${reason}`,
    'Update pip, check its index settings and try again.',
    output,
  );
}

async function sumBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    // A file may be moved between listing and asking.
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
}
