/**
 * Decoded pixels kept between sessions, as `<cache>/tensors/<key>.pixels`:
 *
 *   8 bytes "STILLPIX" | 32 bytes SHA-256 of the rest | uint32 length of the header | header (JSON) | pixels
 *
 * A file that does not check out counts as absent, and is written anew.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../contract/cacheFolder.ts';
import { findings } from '../contract/messages/data.ts';
import type { Dataset } from './dataset.ts';
import type { DecodeSettings } from './decode.ts';

const magic = Buffer.from('STILLPIX');
const headerStart = magic.length + 32;
/** Raise when decoding changes, so that older files are not used. */
const decoderVersion = 1;

const fileNote = z.object({
  file: z.string(),
  finding: z.enum(findings),
  message: z.string(),
});
const header = z.object({
  name: z.string(),
  size: z.int().positive(),
  count: z.int().positive(),
  captions: z.array(z.string()),
  classes: z.array(z.int().nonnegative()),
  classNames: z.array(z.string()),
  report: z.object({
    found: z.int(),
    used: z.int(),
    leftOut: z.array(fileNote),
    remarks: z.array(fileNote),
    classes: z.array(z.object({ name: z.string(), count: z.int() })),
    warnings: z.array(z.string()),
  }),
});

const defaultFolder = () => path.join(cacheFolder(), 'tensors');

/** Names a cached set: any change of content, name or settings gives another key. */
export function tensorKey(contentHash: string, name: string, settings: DecodeSettings): string {
  const { size, fit, background } = settings;
  const identity = JSON.stringify([decoderVersion, contentHash, name, size, fit, background]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 40);
}

/** The cached set, or undefined where there is none that is whole. */
export async function readTensor(key: string, folder = defaultFolder()): Promise<Dataset | undefined> {
  let file: Buffer;
  try {
    file = await readFile(path.join(folder, `${key}.pixels`));
  } catch {
    return undefined;
  }
  const checksum = file.subarray(magic.length, headerStart);
  if (!file.subarray(0, magic.length).equals(magic) || file.length < headerStart + 4) return undefined;
  if (!createHash('sha256').update(file.subarray(headerStart)).digest().equals(checksum)) return undefined;
  const pixelStart = headerStart + 4 + file.readUInt32LE(headerStart);
  const parsed = header.parse(JSON.parse(file.toString('utf8', headerStart + 4, pixelStart)));
  return {
    ...parsed,
    classes: Int32Array.from(parsed.classes),
    pixels: new Uint8Array(file.subarray(pixelStart)),
  };
}

/** Writes beside and renames, so that a reader sees the whole file or none; throws what the file system throws. */
export async function writeTensor(key: string, dataset: Dataset, folder = defaultFolder()): Promise<void> {
  const { pixels, classes, ...rest } = dataset;
  const text = Buffer.from(JSON.stringify({ ...rest, classes: [...classes] }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const checksum = createHash('sha256').update(length).update(text).update(pixels).digest();
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${key}-${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, Buffer.concat([magic, checksum, length, text, pixels]));
    await rename(temporary, path.join(folder, `${key}.pixels`));
  } finally {
    await rm(temporary, { force: true });
  }
}
