/**
 * Reads and writes safetensors files: named arrays of numbers, nothing that can run.
 * Format: 8 bytes of header length, a JSON header, then the arrays' bytes, all little-endian.
 * Source: https://github.com/huggingface/safetensors#format; reliability rules in `safetensorsFormat.ts`.
 */

import { open } from 'node:fs/promises';
import {
  bytesPerElement,
  checkLayout,
  invalidSafetensors,
  type ArrayType,
  type SafetensorsHeader,
} from './safetensorsFormat.ts';
import { parseHeaderText } from './safetensorsHeader.ts';

/** One array as it lies on disk: little-endian, row-major. */
export interface ArrayRecord {
  readonly dtype: ArrayType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export type Arrays = ReadonlyMap<string, ArrayRecord>;

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: Map<string, ArrayRecord>;
}

const lengthBytes = 8;
const maximumHeaderBytes = 8 * 2 ** 20;
const readAtOnce = 2 ** 26;

/**
 * Reads a whole file; its arrays are views of one buffer as large as the file.
 * The header is checked against the file's size before that buffer is made. Throws StudioError 'file-invalid'.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return withFile(path, async (read, size) => {
    await readHeader(read, size);
    return parseSafetensors(await read(size));
  });
}

/** Which arrays a file holds, without reading them. Throws StudioError 'file-invalid'. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, readHeader);
}

/** Reads the first bytes of a file. */
type ReadFirst = (length: number) => Promise<Uint8Array>;

async function readHeader(read: ReadFirst, size: number): Promise<SafetensorsHeader> {
  const start = await read(Math.min(lengthBytes, size));
  return parseSafetensorsHeader(await read(headerEnd(start, size)), size);
}

async function withFile<T>(path: string, use: (read: ReadFirst, size: number) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (length: number) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(bytes, done, Math.min(readAtOnce, length - done), done);
        if (bytesRead === 0) throw invalidSafetensors('it became shorter while it was read');
        done += bytesRead;
      }
      return bytes;
    };
    return await use(read, size);
  } finally {
    await file.close();
  }
}

/** Reads a file that is already in memory; its arrays are views of `bytes`. Throws StudioError 'file-invalid'. */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const dataStart = headerEnd(bytes, bytes.length);
  const { metadata, entries } = parseSafetensorsHeader(bytes, bytes.length);
  const arrays = new Map<string, ArrayRecord>();
  for (const [name, { dtype, shape, start, end }] of entries) {
    arrays.set(name, { dtype, shape, data: bytes.subarray(dataStart + start, dataStart + end) });
  }
  return { metadata, arrays };
}

/**
 * Reads the header from the first bytes of a file of `fileBytes` bytes and checks that its arrays fill the
 * file exactly. Throws StudioError 'file-invalid'.
 */
function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number): SafetensorsHeader {
  const end = headerEnd(bytes, fileBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(lengthBytes, end),
    );
  } catch (cause) {
    throw invalidSafetensors('its header is not UTF-8 text', cause);
  }
  const header = parseHeaderText(text);
  checkLayout(header.entries, fileBytes - end);
  return header;
}

/**
 * The file as pieces to be written one after the other: the header, then each array's own bytes, uncopied.
 * Sorted as the reference implementation sorts (widest numbers first, then by name), which aligns each array.
 * Throws StudioError 'internal' where a record's bytes do not match its shape.
 */
export function encodeSafetensors(
  arrays: Arrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const types = Object.keys(bytesPerElement);
  const sorted = [...arrays].sort(
    ([nameA, a], [nameB, b]) =>
      types.indexOf(b.dtype) - types.indexOf(a.dtype) ||
      Buffer.compare(Buffer.from(nameA), Buffer.from(nameB)),
  );
  const fields = Object.keys(metadata).length === 0 ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  let position = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    const offsets = [position, position + data.length];
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    position += data.length;
  }
  const text = Buffer.from(`{${fields.join(',')}}`);
  const header = Buffer.alloc(lengthBytes + Math.ceil(text.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - lengthBytes));
  text.copy(header, lengthBytes);
  parseSafetensorsHeader(header, header.length + position);
  return [header, ...sorted.map(([, { data }]) => data)];
}

/** Where the header ends, in bytes from the file's start. Throws 'file-invalid'. */
function headerEnd(bytes: Uint8Array, fileBytes: number): number {
  if (fileBytes < lengthBytes || bytes.length < lengthBytes) throw invalidSafetensors('it is too short');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > maximumHeaderBytes) throw invalidSafetensors('its header is longer than 8 MiB');
  const end = lengthBytes + Number(length);
  if (end > fileBytes) throw invalidSafetensors('it ends within its header');
  return end;
}
