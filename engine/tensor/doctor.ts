/** Examines this computer for `stillroom doctor`: plain data, printed by the command line. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';

import { cacheFolder } from '../contract/cacheFolder.ts';
import { measureBackends } from './backends/selectBackend.ts';
import type { SelectionReport } from './backends/selectionReport.ts';
import { verifyManifest, type ManifestFault } from './native/manifest.ts';
import { findNativeEngine, type NativeEngine } from './native/nativeEngine.ts';

export interface DoctorReport {
  readonly system: {
    readonly platform: string;
    readonly release: string;
    readonly processor: string;
    /** Processor threads that this process may use. */
    readonly threads: number;
    readonly nodeVersion: string;
    readonly memoryBytes: number;
    readonly freeMemoryBytes: number;
    /** Of this process, after the measurements. */
    readonly residentBytes: number;
  };
  /** Measured now, not read from an earlier start. */
  readonly backends: SelectionReport;
  /** Undefined when the native engine was not provisioned; sound when `faults` is empty. */
  readonly engine: { readonly found: NativeEngine; readonly faults: readonly ManifestFault[] } | undefined;
  readonly cache: { readonly folder: string; readonly bytes: number };
}

/**
 * Takes some seconds: every backend is measured and every file of the engine is hashed. For a process of its own,
 * since the measurement frees every backend and its tensors.
 */
export async function diagnose(): Promise<DoctorReport> {
  const found = findNativeEngine();
  const engine = found && { found, faults: await verifyManifest(found.folder) };
  const backends = await measureBackends();
  const folder = cacheFolder();
  return {
    system: {
      platform: `${process.platform}-${process.arch}`,
      release: os.release(),
      processor: os.cpus()[0]?.model ?? 'unknown',
      threads: os.availableParallelism(),
      nodeVersion: process.versions.node,
      memoryBytes: os.totalmem(),
      freeMemoryBytes: os.freemem(),
      residentBytes: process.memoryUsage.rss(),
    },
    backends,
    engine,
    cache: { folder, bytes: await sumFileSizes(folder) },
  };
}

async function sumFileSizes(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
