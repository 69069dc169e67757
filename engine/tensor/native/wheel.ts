/** Takes chosen files out of a wheel (a zip archive). */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { openPromise } from 'yauzl';

import { engineUnavailable } from './failures.ts';

/**
 * Writes the entries whose path matches `wanted` below `folder`, flushed to disk, and returns their paths. yauzl
 * refuses absolute paths and `..`, and checks sizes; the wheel's own hash was checked on download.
 */
export async function extractFromWheel(
  wheelPath: string,
  wanted: RegExp,
  folder: string,
  onBytes?: (bytes: number) => void,
): Promise<string[]> {
  const archive = await openPromise(wheelPath, { lazyEntries: true, autoClose: false });
  const paths: string[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (!wanted.test(entry.fileName)) continue;
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      const source = await archive.openReadStreamPromise(entry);
      source.on('data', (chunk: Buffer) => onBytes?.(chunk.length));
      await pipeline(source, createWriteStream(path, { flags: 'wx', flush: true }));
      paths.push(entry.fileName);
    }
  } catch (error) {
    throw engineUnavailable(
      `The downloaded file ${wheelPath} cannot be unpacked: ${String(error)}`,
      'Check the free space and try again.',
      error,
    );
  } finally {
    archive.close();
  }
  return paths;
}
