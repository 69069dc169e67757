/** What a safetensors header may say: number types, where each array lies, and how both are refused. */

import { StudioError } from '../contract/errors.ts';

/** Bytes per element of the number types that Stillroom knows, in the reference implementation's order. */
export const bytesPerElement = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type ArrayType = keyof typeof bytesPerElement;

/** Where an array lies: `start` and `end` are byte offsets behind the header. */
export interface ArrayEntry {
  readonly dtype: ArrayType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Record<string, string>;
  readonly entries: Map<string, ArrayEntry>;
}

/** The refusal that every fault of a safetensors file ends in: one sentence beginning with what is wrong. */
export function invalidSafetensors(what: string, cause?: unknown): StudioError {
  return new StudioError(
    'file-invalid',
    `This safetensors file is damaged or unsafe: ${what}.`,
    'Copy or download the file again.',
    { cause },
  );
}

/** Throws 'file-invalid' unless the arrays fill `dataBytes` bytes exactly: no hole, no overlap, no rest. */
export function checkLayout(entries: ReadonlyMap<string, ArrayEntry>, dataBytes: number): void {
  const inOrder = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let position = 0;
  for (const [name, { dtype, shape, start, end }] of inOrder) {
    if (start !== position) {
      throw invalidSafetensors(
        `${start < position ? 'arrays overlap' : 'there is a hole'} before ${quoted(name)}`,
      );
    }
    if (end - start !== byteLength(name, dtype, shape)) {
      throw invalidSafetensors(`the length of ${quoted(name)} does not match its shape`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw invalidSafetensors(`its arrays need ${position} bytes but the file holds ${dataBytes}`);
  }
}

function byteLength(name: string, dtype: ArrayType, shape: readonly number[]): number {
  let bytes: number = bytesPerElement[dtype];
  for (const size of shape) {
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) throw invalidSafetensors(`the shape of ${quoted(name)} is too large`);
  }
  return bytes;
}

/** A name as it may appear in a message: names come from strangers and may be megabytes long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
