/** Makes the native engine: TensorFlow's libraries out of a pinned wheel, and the addon compiled against them. */
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { StudioError } from '../../contract/errors.ts';
import { Network } from '../../contract/network.ts';
import { findCarriedAddon, installAddon } from './carriedAddon.ts';
import { compileAddon, findCompiler } from './compile.ts';
import { downloadWheel, findPip } from './download.ts';
import { engineUnavailable } from './failures.ts';
import { manifestMatchesSizes, writeManifest } from './manifest.ts';
import { addonName, locateEngine, preferredVariants, type NativeEngine } from './nativeEngine.ts';
import { findPin, hostPlatform, type EnginePin, type EngineVariant } from './pins.ts';
import { withProvisionLock } from './provisionLock.ts';
import { extractFromWheel } from './wheel.ts';

export interface ProvisionProgress {
  readonly phase: 'download' | 'extract' | 'compile' | 'verify' | 'ready';
  /** Of the whole work, 0 to 1, never falling. */
  readonly fraction: number;
  readonly message: string;
}

export interface ProvisionOptions {
  /** `auto` (default): CUDA where an NVIDIA driver is found, otherwise the CPU. */
  readonly variant?: EngineVariant | 'auto';
  readonly onProgress?: (progress: ProvisionProgress) => void;
  readonly signal?: AbortSignal;
  /** By which it downloads. */
  readonly network?: Network;
  /** An addon that fits; by default the one that came with the app. */
  readonly addon?: string;
}

/**
 * Returns the engine where the app or the cache has it (then without network), otherwise downloads and builds it. A
 * process killed at any moment leaves no half engine. Throws `engine-unavailable` saying what is missing
 * (a pin for the platform, Python, pip, a compiler, the network, disk space), or `cancelled`.
 */
export async function provisionNativeEngine(options: ProvisionOptions = {}): Promise<NativeEngine> {
  const { variant, pin } = choosePin(options.variant ?? 'auto');
  return provisionPin(variant, pin, options);
}

/** The same for one given pin. */
export async function provisionPin(
  variant: EngineVariant,
  pin: EnginePin,
  options: Omit<ProvisionOptions, 'variant'> = {},
): Promise<NativeEngine> {
  const engine = locateEngine(variant, pin);
  if (!manifestMatchesSizes(engine.folder)) {
    const root = dirname(engine.folder);
    await mkdir(root, { recursive: true });
    const build = async (): Promise<void> => {
      // Another process may have finished it while this one waited.
      if (!manifestMatchesSizes(engine.folder)) await buildEngine(engine, pin, options);
    };
    try {
      await withProvisionLock(join(root, `${engine.key}.lock`), build, options.signal);
    } catch (error) {
      if (!options.signal?.aborted) throw error;
      const message = 'Setting up the native engine was cancelled; nothing was left behind.';
      throw new StudioError('cancelled', message, 'Start it again at any time.', { cause: error });
    }
  }
  options.onProgress?.({ phase: 'ready', fraction: 1, message: 'The native engine is ready.' });
  return engine;
}

async function buildEngine(engine: NativeEngine, pin: EnginePin, options: ProvisionOptions): Promise<void> {
  const { onProgress, signal, addon = findCarriedAddon(pin), network = new Network() } = options;
  network.require();
  const python = await findPip();
  // What is missing is said before anything is downloaded.
  if (addon === undefined) await findCompiler();
  const root = dirname(engine.folder);
  const temporaryPrefix = `.tmp-${engine.key}-`;
  // The lock is held, so whatever has this prefix was left by a process that was killed.
  for (const name of await readdir(root)) {
    if (name.startsWith(temporaryPrefix)) await rm(join(root, name), { recursive: true });
  }
  await requireFreeSpace(root, pin);

  const temporary = join(root, `${temporaryPrefix}${process.pid}`);
  const parts = {
    engine: join(temporary, 'engine'),
    wheels: join(temporary, 'wheels'),
    headers: join(temporary, 'headers'),
  };
  try {
    await mkdir(parts.engine, { recursive: true });
    await unpackWheels(python, pin, parts, { ...options, network });
    const addonPath = join(parts.engine, addonName);
    if (addon === undefined || !(await installAddon(addon, addonPath))) {
      const compiler = await findCompiler();
      onProgress?.({ phase: 'compile', fraction: 0.9, message: `Compiling the addon with ${compiler}` });
      const { engine: engineFolder, headers: headersFolder } = parts;
      await compileAddon(compiler, { engineFolder, headersFolder, addonPath }, signal);
    }
    onProgress?.({ phase: 'verify', fraction: 0.97, message: 'Recording sizes and hashes' });
    await writeManifest(parts.engine, engine.key);
    await rm(engine.folder, { recursive: true, force: true });
    await rename(parts.engine, engine.folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Downloads, unpacks and removes one wheel after the other, so that at most one lies on the disk. */
async function unpackWheels(
  python: string,
  pin: EnginePin,
  parts: { engine: string; wheels: string; headers: string },
  { onProgress, signal, network }: ProvisionOptions & { network: Network },
): Promise<void> {
  const total = pin.wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  let finished = 0;
  for (const wheel of pin.wheels) {
    const title = `${wheel.package} ${wheel.version}`;
    const report = (phase: 'download' | 'extract', share: number): void => {
      const fraction = (0.9 * (finished + wheel.bytes * share)) / total;
      const message = phase === 'download' ? `Downloading ${title}` : `Unpacking ${title}`;
      onProgress?.({ phase, fraction, message });
    };
    report('download', 0);
    const onBytes = (bytes: number): void => report('download', 0.8 * Math.min(1, bytes / wheel.bytes));
    const path = await downloadWheel(python, wheel, parts.wheels, { network, onBytes, signal });
    report('extract', 0.8);
    const taken = await extractFromWheel(path, wheel.libraries, parts.engine);
    if (taken.length === 0) {
      throw engineUnavailable(`${title} holds none of the expected libraries.`, 'Please report this fault.');
    }
    if (wheel.headers) await extractFromWheel(path, wheel.headers, parts.headers);
    await rm(dirname(path), { recursive: true });
    finished += wheel.bytes;
    signal?.throwIfAborted();
  }
}

function choosePin(wanted: EngineVariant | 'auto'): { variant: EngineVariant; pin: EnginePin } {
  const variant = wanted === 'auto' ? (preferredVariants()[0] ?? 'cpu') : wanted;
  const pin = findPin(variant);
  if (pin) return { variant, pin };
  throw engineUnavailable(
    `There is no native engine (${variant}) for ${hostPlatform()}.`,
    'The native engine is made for 64-bit Linux on Intel and AMD processors.',
  );
}

async function requireFreeSpace(folder: string, pin: EnginePin): Promise<void> {
  const largestWheel = Math.max(...pin.wheels.map(({ bytes }) => bytes));
  const needed = pin.installedBytes + largestWheel;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  throw engineUnavailable(
    `The native engine needs ${megabytes(needed)} in ${folder}; only ${megabytes(bavail * bsize)} are free.`,
    'Free some space, or name another folder in STILLROOM_CACHE, and try again.',
  );
}
