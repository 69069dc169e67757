/** Zip archives whose files are changed as a careless or hostile hand might. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

export type Files = Map<string, Buffer>;

export async function rawArchive(file: string): Promise<Files> {
  const files: Files = new Map();
  const zip = await openPromise(file, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    const pieces: Buffer[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    files.set(entry.fileName, Buffer.concat(pieces));
  }
  zip.close();
  return files;
}

/** @param rehash writes the manifest anew for what the files are now, as a hostile hand would. */
export async function changedArchive(
  file: string,
  change: (files: Files) => void,
  { rehash = false } = {},
): Promise<void> {
  const files = await rawArchive(file);
  change(files);
  if (rehash) {
    const manifest = JSON.parse(String(files.get('manifest.json'))) as Record<string, unknown>;
    files.delete('manifest.json');
    const marks = [...files].map(([path, bytes]) => ({
      ...{ path, bytes: bytes.length },
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }));
    files.set('manifest.json', Buffer.from(JSON.stringify({ ...manifest, files: marks })));
  }
  const zip = new ZipFile();
  // yazl itself refuses unsafe names: stand-ins of their length are renamed in the bytes.
  const unsafe = [...files.keys()].filter((name) => name.startsWith('/') || name.includes('..'));
  const safe = new Map(unsafe.map((name, i) => [name, String(i).padEnd(name.length, '_')]));
  for (const [name, bytes] of files) zip.addBuffer(bytes, safe.get(name) ?? name);
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(Buffer.from(piece));
  let whole = Buffer.concat(pieces).toString('latin1');
  for (const [name, standIn] of safe) whole = whole.replaceAll(standIn, name);
  await writeFile(file, whole, 'latin1');
}
