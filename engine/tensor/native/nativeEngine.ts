/** A finished native engine on disk, and the key that names its folder. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../contract/cacheFolder.ts';
import { StudioError } from '../../contract/errors.ts';
import { hashAddonSources, nodeApiVersion, onDisk } from './addonSources.ts';
import { manifestMatchesSizes } from './manifest.ts';
import { findPin, hostPlatform, type EnginePin, type EngineVariant } from './pins.ts';

export interface NativeEngine {
  readonly variant: EngineVariant;
  readonly key: string;
  readonly folder: string;
  /** The compiled addon, to be loaded with `require`. */
  readonly addonPath: string;
  readonly tensorflowVersion: string;
}

export const addonName = 'stillroom_tensorflow.node';

/**
 * Names an engine by everything that it is made of: platform, variant, wheel hashes, addon sources and Node-API
 * version. Any change makes a new engine beside the old one.
 */
export function engineKey(
  variant: EngineVariant,
  pin: EnginePin,
  sourcesHash = hashAddonSources(),
  platform = hostPlatform(),
): string {
  const parts = [...pin.wheels.map(({ sha256 }) => sha256), sourcesHash, `napi${nodeApiVersion}`];
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `${platform}-${variant}-${pin.tensorflowVersion}-${digest.slice(0, 16)}`;
}

/** The folder with one sub-folder per finished native engine. */
export function enginesFolder(): string {
  return join(cacheFolder(), 'engines');
}

/** Engines that came with the installed app (electron-builder.config.json), laid out as in the cache, used where they lie. */
export const carriedEngines = onDisk(join(import.meta.dirname, '../../../dist/engines'));

/** Where the engine of a variant is, if it is complete: with the app or in the cache. Otherwise where it would be in the cache. */
export function locateEngine(variant: EngineVariant, pin: EnginePin, carried = carriedEngines): NativeEngine {
  const key = engineKey(variant, pin);
  const withApp = join(carried, key);
  const folder = manifestMatchesSizes(withApp) ? withApp : join(enginesFolder(), key);
  const { tensorflowVersion } = pin;
  return { variant, key, folder, addonPath: join(folder, addonName), tensorflowVersion };
}

/** Variants worth trying here, best first: CUDA only where an NVIDIA driver is found. */
export function preferredVariants(): EngineVariant[] {
  const variants: EngineVariant[] = hasNvidiaDriver() ? ['cuda', 'cpu'] : ['cpu'];
  return variants.filter((variant) => findPin(variant) !== undefined);
}

/**
 * The best engine that is already provisioned and whose files all have their recorded sizes. Reads no file but the
 * manifest; the hashes are checked by `verifyManifest`.
 */
export function findNativeEngine(): NativeEngine | undefined {
  for (const variant of preferredVariants()) {
    const pin = findPin(variant);
    if (!pin) continue;
    const engine = locateEngine(variant, pin);
    if (manifestMatchesSizes(engine.folder)) return engine;
  }
  return undefined;
}

/** @throws StudioError 'engine-unavailable' for an engine that `findNativeEngine` would pass over here. */
export function requireUsable(variant: EngineVariant): void {
  if (variant !== 'cuda' || hasNvidiaDriver()) return;
  throw new StudioError(
    'engine-unavailable',
    'This engine computes on NVIDIA graphics processors, and no NVIDIA driver was found: it would stay unused.',
    "Install NVIDIA's driver first, or the processor's engine (--variant cpu); nothing was changed.",
  );
}

function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/usr/lib/wsl/lib/libcuda.so.1'].some(existsSync);
}
