/** A finished native engine as one file, to be carried to computers without a network, and its installation there. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { openPromise, type Entry, type ZipFile as ReadZip } from 'yauzl';
import { ZipFile } from 'yazl';

import { StudioError } from '../../contract/errors.ts';
import { HashingStream } from '../../contract/fileHash.ts';
import {
  manifestMatchesSizes,
  manifestName,
  parseManifest,
  readManifest,
  type EngineManifest,
} from './manifest.ts';
import { locateEngine, requireUsable, type NativeEngine } from './nativeEngine.ts';
import { findPin, hostPlatform, type EngineVariant } from './pins.ts';
import type { ProvisionOptions } from './provision.ts';
import { withProvisionLock } from './provisionLock.ts';

export type ArchiveOptions = Pick<ProvisionOptions, 'onProgress' | 'signal'>;

/** A manifest of an engine lists about thirty files. */
const MANIFEST_CAP = 2 ** 20;
const variants: readonly EngineVariant[] = ['cpu', 'cuda'];

export const archiveName = ({ key }: Pick<NativeEngine, 'key'>): string =>
  `stillroom-engine-${key}.stillroom`;

/** Writes a zip of the engine's files with their manifest first. @throws 'engine-unavailable' where it is damaged. */
export async function packEngine(
  engine: NativeEngine,
  file: string,
  { onProgress, signal }: ArchiveOptions = {},
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const manifest = readManifest(engine.folder);
  if (!manifest) throw damaged('The installed engine has no manifest.');
  const zip = new ZipFile();
  zip.addFile(join(engine.folder, manifestName), manifestName);
  for (const { path } of manifest.files) zip.addFile(join(engine.folder, path), path);
  zip.end();
  const total = totalOf(manifest);
  const hashing = new HashingStream(() => {
    // Libraries shrink to about a third.
    const fraction = Math.min(0.99, (3 * hashing.bytes) / total);
    onProgress?.({ phase: 'extract', fraction, message: 'Packing the engine' });
  });
  try {
    await pipeline(zip.outputStream, hashing, createWriteStream(file, { flush: true }), { signal });
  } catch (error) {
    await rm(file, { force: true });
    throw signal?.aborted
      ? new StudioError('cancelled', 'Packing was cancelled; nothing was left behind.')
      : error;
  }
  return { bytes: hashing.bytes, sha256: hashing.sha256() };
}

/**
 * Installs an engine from such a file. Everything in it is checked by hash before it can be found; a process killed
 * at any moment leaves no half engine. Hashes show that nothing was damaged, not who made it: install only archives
 * of people you trust.
 *
 * @throws 'file-invalid' for what is no archive, damaged, or made for another version or computer;
 * 'engine-unavailable' for an engine that this computer has no use for; 'disk-full'; 'cancelled'.
 */
export async function installEngineArchive(
  file: string,
  { onProgress, signal }: ArchiveOptions = {},
): Promise<NativeEngine> {
  const archive = await openArchive(file);
  try {
    const { manifest, entries } = await readContents(archive);
    const engine = engineOf(manifest);
    await mkdir(dirname(engine.folder), { recursive: true });
    const install = async () => {
      if (!manifestMatchesSizes(engine.folder)) await unpack(archive, entries, manifest, engine);
    };
    await withProvisionLock(`${engine.folder}.lock`, install, signal);
    onProgress?.({ phase: 'ready', fraction: 1, message: 'The native engine is ready.' });
    return engine;
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new StudioError('cancelled', 'Installing was cancelled; nothing was left behind.', '', {
      cause: error,
    });
  } finally {
    archive.close();
  }

  async function unpack(
    zip: ReadZip,
    entries: ReadonlyMap<string, Entry>,
    manifest: EngineManifest,
    engine: NativeEngine,
  ): Promise<void> {
    const total = totalOf(manifest);
    await requireSpace(dirname(engine.folder), total);
    const temporary = join(dirname(engine.folder), `.tmp-${engine.key}-${process.pid}`);
    let done = 0;
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      for (const { path, sha256 } of manifest.files) {
        const entry = entries.get(path);
        if (!entry) throw damaged(`The archive lacks ${path}.`);
        const hashing = new HashingStream((bytes) => {
          done += bytes;
          onProgress?.({ phase: 'extract', fraction: (0.99 * done) / total, message: `Unpacking ${path}` });
        });
        const target = join(temporary, path);
        await mkdir(dirname(target), { recursive: true });
        const source = await zip.openReadStreamPromise(entry);
        const sink = createWriteStream(target, { flags: 'wx', flush: true });
        await pipeline(source, hashing, sink, { signal }).catch((cause: unknown) => {
          throw signal?.aborted ? cause : damaged(`${path} cannot be unpacked: ${String(cause)}.`);
        });
        if (hashing.sha256() !== sha256) throw damaged(`${path} is not what the manifest says.`);
      }
      const bytes = JSON.stringify(manifest, null, 2);
      await pipeline([bytes], createWriteStream(join(temporary, manifestName), { flags: 'wx', flush: true }));
      await rm(engine.folder, { recursive: true, force: true });
      await rename(temporary, engine.folder);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}

async function openArchive(file: string): Promise<ReadZip> {
  return openPromise(file, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new StudioError(
      'file-invalid',
      'This is no engine archive.',
      'Choose a .stillroom file of `npm run engine:pack`.',
      {
        cause,
      },
    );
  });
}

/** The manifest, and entries that are exactly its files at exactly their sizes. */
async function readContents(zip: ReadZip) {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw damaged(`The archive holds ${entry.fileName} twice.`);
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw cause instanceof StudioError ? cause : damaged(`The archive cannot be read: ${String(cause)}.`);
  }
  const head = entries.get(manifestName);
  if (!head || head.uncompressedSize > MANIFEST_CAP)
    throw damaged('The archive has no manifest of an engine.');
  const pieces: Buffer[] = [];
  for await (const piece of await zip.openReadStreamPromise(head)) pieces.push(piece as Buffer);
  const manifest = parseManifest(Buffer.concat(pieces).toString());
  if (!manifest) throw damaged('The archive has no manifest of an engine.');
  entries.delete(manifestName);
  const sizes = new Map(manifest.files.map(({ path, bytes }) => [path, bytes]));
  for (const [path, { uncompressedSize }] of entries)
    if (sizes.get(path) !== uncompressedSize) throw damaged(`The archive's ${path} is not of its manifest.`);
  return { manifest, entries };
}

/** The engine that this version would use here, if the archive is of one. */
function engineOf({ key }: EngineManifest): NativeEngine {
  for (const variant of variants) {
    const pin = findPin(variant);
    const engine = pin && locateEngine(variant, pin);
    if (engine?.key !== key) continue;
    requireUsable(variant);
    return engine;
  }
  throw new StudioError(
    'file-invalid',
    `This engine (${key.slice(0, 80)}) was made for another computer or another version of Stillroom.`,
    `Pack it with the same version on a ${hostPlatform()} computer; nothing was changed.`,
  );
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > bytes) return;
  const megabytes = (count: number) => `${Math.round(count / 1e6)} MB`;
  throw new StudioError(
    'disk-full',
    `The engine needs ${megabytes(bytes)} in ${folder}; only ${megabytes(bavail * bsize)} are free.`,
    'Free some space and try again; nothing was changed.',
  );
}

const totalOf = ({ files }: EngineManifest): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

const damaged = (message: string) =>
  new StudioError('file-invalid', message, 'Copy the archive again; nothing was changed.');
