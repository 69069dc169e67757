/** A .stillroom file as it lies on disk: a zip with a manifest, checked as a whole before anything is unpacked. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { z } from 'zod';
import { StudioError } from '../../../engine/contract/errors.ts';
import { HashingStream } from '../../../engine/contract/fileHash.ts';
import { countQuota } from '../../../engine/data/fileTree.ts';
import { entryFault, listFault } from '../../../engine/data/zipFaults.ts';
import { parseManifest } from '../../../engine/tensor/native/manifest.ts';
import { isDiskFull } from '../../../engine/training/fileSystem.ts';
import { sha256 } from '../../../engine/training/markedFile.ts';

export const manifestName = 'manifest.json';
export const contentsName = 'project.json';

/** Bytes of the two texts that are read whole, and of any other file. */
const TEXT_QUOTA = 64 * 2 ** 20;
const FILE_QUOTA = 16 * 2 ** 30;

export const projectManifestSchema = z.strictObject({
  kind: z.literal('project'),
  version: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** Of the Stillroom that wrote it. */
  stillroom: z.string(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().nonnegative(), sha256 })),
});
export type ProjectManifest = z.infer<typeof projectManifestSchema>;

export interface ProjectArchive {
  readonly manifest: ProjectManifest;
  /** Bytes of all files. */
  readonly bytes: number;
  /** A text of at most 64 MiB, checked by its hash. */
  read(file: string): Promise<string>;
  /** Writes a file, checked by its hash. `onBytes` hears of each piece. */
  unpack(file: string, target: string, options: UnpackOptions): Promise<void>;
  close(): void;
}

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
}

export const invalid = (why: string, cause?: unknown): StudioError =>
  new StudioError(
    'file-invalid',
    `This project file cannot be opened: ${why}; nothing was changed.`,
    'Copy it again from where it was saved.',
    { cause },
  );

/** What a .stillroom file is, as its manifest says. @throws StudioError 'file-invalid' where it is neither. */
export async function kindOfFile(file: string): Promise<'project' | 'engine'> {
  const zip = await openZip(file);
  try {
    const { text } = await readManifest(zip, await listEntries(zip));
    if (parseManifest(text)) return 'engine';
    parseProjectManifest(text);
    return 'project';
  } finally {
    zip.close();
  }
}

/** @throws StudioError 'file-invalid' for a file that is damaged, hostile or no project. */
export async function openProjectArchive(file: string): Promise<ProjectArchive> {
  const zip = await openZip(file);
  try {
    const entries = await listEntries(zip);
    const { text, entry } = await readManifest(zip, entries);
    const manifest = parseProjectManifest(text);
    entries.delete(entry.fileName);
    const marks = new Map(manifest.files.map((mark) => [mark.path, mark]));
    if (marks.size !== manifest.files.length) throw invalid('its manifest names a file twice');
    for (const [name, { uncompressedSize }] of entries)
      if (marks.get(name)?.bytes !== uncompressedSize) throw invalid(`“${name}” is not of its manifest`);
    for (const name of marks.keys()) if (!entries.has(name)) throw invalid(`it lacks “${name}”`);
    const find = (name: string) => {
      const [found, mark] = [entries.get(name), marks.get(name)];
      if (!found || !mark) throw invalid(`it lacks “${name}”`);
      return { found, mark };
    };
    return {
      manifest,
      bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
      async read(name) {
        const { found, mark } = find(name);
        const bytes = await readText(zip, found);
        if (createHash('sha256').update(bytes).digest('hex') !== mark.sha256) throw changed(name);
        return bytes.toString();
      },
      async unpack(name, target, { signal, onBytes }) {
        const { found, mark } = find(name);
        await mkdir(path.dirname(target), { recursive: true });
        const hashing = new HashingStream(onBytes);
        // yauzl ends a stream that grows beyond its declared size.
        const source = await zip.openReadStreamPromise(found);
        const sink = createWriteStream(target, { flags: 'wx', flush: true });
        await pipeline(source, hashing, sink, { signal }).catch((cause: unknown) => {
          if (signal?.aborted || isDiskFull(cause)) throw cause;
          throw invalid(`“${name}” is damaged`, cause);
        });
        if (hashing.sha256() !== mark.sha256) throw changed(name);
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

const changed = (name: string) => invalid(`“${name}” is not as it was saved`);

async function openZip(file: string): Promise<ZipFile> {
  return openPromise(file, { autoClose: false }).catch((cause: unknown) => {
    throw invalid('it is damaged or no .stillroom file', cause);
  });
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > countQuota + 1) throw invalid('it holds too many files');
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const fault = entryFault(entry, FILE_QUOTA);
      if (fault !== undefined) throw invalid(fault);
      entries.push(entry);
    }
  } catch (cause) {
    // yauzl itself refuses absolute names, drive letters and “..”.
    throw cause instanceof StudioError ? cause : invalid('its list of files is damaged or unsafe', cause);
  }
  const fault = listFault(entries);
  if (fault !== undefined) throw invalid(fault);
  return new Map(entries.map((entry) => [entry.fileName, entry]));
}

async function readManifest(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
  const entry = entries.get(manifestName);
  if (!entry) throw invalid('it has no manifest');
  return { entry, text: (await readText(zip, entry)).toString() };
}

function parseProjectManifest(text: string): ProjectManifest {
  try {
    return projectManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw invalid('its manifest is none of a project that this version knows', cause);
  }
}

async function readText(zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > TEXT_QUOTA) throw invalid(`“${entry.fileName}” is too large`);
  try {
    const pieces: Buffer[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  } catch (cause) {
    throw invalid(`“${entry.fileName}” is damaged`, cause);
  }
}
