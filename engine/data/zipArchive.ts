/**
 * A zip archive as a FileTree. Entries are read to memory one by one and never written to disk; an archive with
 * any hostile sign is refused whole before anything in it is decoded.
 */
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { StudioError } from '../contract/errors.ts';
import { byCodeUnit, countQuota, fileQuota, isHidden, tooManyFiles, type FileTree } from './fileTree.ts';
import { entryFault, listFault } from './zipFaults.ts';

function refuse(archive: string, why: string, cause?: unknown): StudioError {
  return new StudioError(
    'input-invalid',
    `The archive “${archive}” was refused: ${why}. Nothing of it was read or written.`,
    'Unpack it with a program you trust, look at what is inside, and add the folder instead.',
    { cause },
  );
}

async function listEntries(zip: ZipFile, name: string): Promise<Entry[]> {
  if (zip.entryCount > countQuota) throw tooManyFiles(name);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    const fault = entryFault(entry, fileQuota);
    if (fault !== undefined) throw refuse(name, fault);
    entries.push(entry);
  }
  const fault = listFault(entries);
  if (fault !== undefined) throw refuse(name, fault);
  return entries;
}

/** Opens and checks the whole list of entries; throws `input-invalid` for a damaged or hostile archive. */
export async function openZip(file: string): Promise<FileTree> {
  const name = path.basename(file);
  // yauzl itself refuses absolute names, drive letters and “..”, and checks each size while inflating.
  const zip = await openPromise(file, { autoClose: false, strictFileNames: false }).catch(
    (cause: unknown) => {
      throw refuse(name, 'it is not a readable zip file', cause);
    },
  );
  try {
    const entries = await listEntries(zip, name);
    const byName = new Map(
      entries
        .filter(({ fileName }) => !fileName.endsWith('/') && !isHidden(fileName))
        .map((e) => [e.fileName, e]),
    );
    return {
      name: path.parse(file).name,
      files: [...byName.keys()].sort(byCodeUnit),
      notes: [],
      read: (wanted) => readEntry(zip, byName.get(wanted), wanted),
      close: () => zip.close(),
    };
  } catch (cause) {
    zip.close();
    if (cause instanceof StudioError) throw cause;
    const detail = cause instanceof Error ? ` (${cause.message})` : '';
    throw refuse(name, `its list of files is damaged or unsafe${detail}`, cause);
  }
}

async function readEntry(zip: ZipFile, entry: Entry | undefined, name: string): Promise<Buffer> {
  if (entry === undefined) throw new StudioError('not-found', `The archive holds no “${name}”.`);
  try {
    const bytes = Buffer.allocUnsafe(entry.uncompressedSize);
    let length = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      if (!(chunk instanceof Buffer) || length + chunk.length > bytes.length)
        throw new Error('longer than declared');
      length += chunk.copy(bytes, length);
    }
    if (length !== bytes.length) throw new Error('shorter than declared');
    if (crc32(bytes) !== entry.crc32) throw new Error('checksum differs');
    return bytes;
  } catch (cause) {
    throw new StudioError(
      'input-invalid',
      `“${name}” in the archive is damaged.`,
      'Pack the archive again.',
      { cause },
    );
  }
}
