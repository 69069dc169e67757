import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StudioError } from '../../../engine/contract/errors.ts';
import { fromFloat32, toFloat32 } from '../../../engine/training/halfPrecision.ts';
import {
  encodeSafetensors,
  parseSafetensors,
  readSafetensors,
  type ArrayRecord,
} from '../../../engine/training/safetensors.ts';
import { mutants } from '../../support/safetensorsMutants.ts';

/** Made by the reference package: see `tests/goldens/makeSafetensors.py`. */
const goldens = join(import.meta.dirname, '../../goldens/safetensors');
const golden = (name: string) => readFileSync(join(goldens, name));

/** A file with this header text and this many zero bytes behind it. */
function fileOf(header: string, dataBytes = 0): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

function array(name: string, shape: string, start: number, end: number, dtype = 'U8'): string {
  return `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${start},${end}]}`;
}

function find(arrays: ReadonlyMap<string, ArrayRecord>, name: string): ArrayRecord {
  const record = arrays.get(name);
  if (record === undefined) throw new Error(`no array ${name}`);
  return record;
}

describe('files of the reference implementation', () => {
  test('are read with their values', async () => {
    const { arrays, metadata } = await readSafetensors(join(goldens, 'mixed.safetensors'));
    expect(metadata).toEqual({ format: 'np' });
    expect([...arrays.keys()].sort()).toEqual(
      ['brain."quoted"', 'bytes', 'count', 'double', 'empty', 'half/ärm', 'index', 'mask', 'weight'].sort(),
    );
    expect(find(arrays, 'weight')).toMatchObject({ dtype: 'F32', shape: [2, 3] });
    expect([...toFloat32(find(arrays, 'weight'))]).toEqual([1, -2.5, 3.25, Math.fround(0.1), -0, 65504]);
    expect([...toFloat32(find(arrays, 'half/ärm'))]).toEqual([1, -2.5, 3.25, 0.0999755859375, -0, 65504]);
    expect([...toFloat32(find(arrays, 'brain."quoted"'))]).toEqual([1, -2.5, 3.25, 0.10009765625, -0, 65536]);
    expect(Buffer.from(find(arrays, 'count').data).readBigInt64LE()).toBe(2n ** 40n + 1n);
    expect([...find(arrays, 'mask').data]).toEqual([1, 0, 1]);
    expect(find(arrays, 'empty')).toMatchObject({ shape: [0, 4], data: new Uint8Array(0) });
    expect(() => toFloat32(find(arrays, 'double'))).toThrow(StudioError);
  });

  test.each(readdirSync(goldens))('%s is written byte for byte alike', (name) => {
    const { arrays, metadata } = parseSafetensors(golden(name));
    const shuffled = new Map([...arrays].reverse());
    expect(Buffer.concat(encodeSafetensors(shuffled, metadata))).toEqual(golden(name));
  });
});

describe('16-bit numbers', () => {
  test('round as numpy and ml_dtypes round', () => {
    const { arrays } = parseSafetensors(golden('rounding.safetensors'));
    const values = toFloat32(find(arrays, 'f32'));
    for (const dtype of ['F16', 'BF16'] as const) {
      const expected = find(arrays, dtype.toLowerCase());
      expect(fromFloat32(values, expected.shape, dtype)).toEqual({
        ...expected,
        data: new Uint8Array(expected.data),
      });
    }
  });

  test('every seventh half-precision number reads as numpy reads it, and is written back', () => {
    const { arrays } = parseSafetensors(golden('seventhHalf.safetensors'));
    const values = toFloat32(find(arrays, 'f16'));
    expect(Buffer.from(values.buffer).equals(find(arrays, 'f32').data)).toBe(true);
    expect(
      Buffer.from(fromFloat32(values, [values.length], 'F16').data).equals(find(arrays, 'f16').data),
    ).toBe(true);
  });

  test.each(['F16', 'BF16'] as const)('NaN stays NaN as %s', (dtype) => {
    const nearlyInfinite = new Float32Array(new Uint32Array([0x7f800001, 0xffffffff]).buffer);
    expect([...toFloat32(fromFloat32(nearlyInfinite, [2], dtype))]).toEqual([NaN, NaN]);
  });
});

const one = array('a', '[4]', 0, 4);
const many = Array.from({ length: 100_001 }, (_, index) => array(String(index), '[0]', 0, 0)).join(',');
const refused: [string, Buffer, RegExp][] = [
  ['nothing at all', Buffer.alloc(0), /too short/],
  ['a header longer than 8 MiB', fileOf(`{}${' '.repeat(2 ** 23)}`), /8 MiB/],
  ['a header length near 2^64', Buffer.alloc(64, 0xff), /8 MiB/],
  ['a pickle', Buffer.from('\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.', 'latin1'), /8 MiB/],
  ['a zip with a pickle, as PyTorch saves', Buffer.from('PK\x03\x04\0\0\x08\x08archive/data.pkl'), /8 MiB/],
  ['a file that ends in its header', fileOf(`{${one}}`).subarray(0, 30), /within its header/],
  ['truncated arrays', fileOf(`{${one}}`, 3), /need 4 bytes but the file holds 3/],
  ['bytes behind the arrays', fileOf(`{${one}}`, 5), /need 4 bytes but the file holds 5/],
  ['white space first', fileOf(` {${one}}`, 4), /begin with \{/],
  ['a byte order mark', fileOf(`\ufeff{${one}}`, 4), /begin with \{/],
  ['bytes that are no text', fileOf('{"\xff":1}').fill(0xff, 10, 11), /UTF-8/],
  ['text after the header', fileOf(`{${one}}{}`, 4), /follows/],
  ['a duplicate name', fileOf(`{${one},${one}}`, 4), /appears twice/],
  ['a duplicate name in disguise', fileOf(`{${one},${array('\\u0061', '[4]', 4, 8)}}`, 8), /appears twice/],
  [
    'a duplicate field',
    fileOf(`{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1),
    /repeated/,
  ],
  ['an unknown field', fileOf(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}`, 1), /unknown/],
  ['a missing field', fileOf(`{"a":{"dtype":"U8","shape":[]}}`), /incomplete/],
  ['an overlap', fileOf(`{${one},${array('b', '[4]', 2, 6)}}`, 6), /overlap/],
  ['a hole', fileOf(`{${one},${array('b', '[4]', 5, 9)}}`, 9), /hole/],
  ['a length that is not the shape', fileOf(`{${array('a', '[5]', 0, 4)}}`, 4), /does not match its shape/],
  ['a product beyond 2^53', fileOf(`{${array('a', '[4294967296,4294967296,0]', 0, 0)}}`), /too large/],
  ['a number beyond 2^53', fileOf(`{${array('a', '[9007199254740993]', 0, 4)}}`, 4), /whole number/],
  ['a negative size', fileOf(`{${array('a', '[-4]', 0, 4)}}`, 4), /whole number/],
  ['a fraction', fileOf(`{${array('a', '[4.0]', 0, 4)}}`, 4), /whole number/],
  ['a leading zero', fileOf(`{${array('a', '[04]', 0, 4)}}`, 4), /whole number|should have/],
  ['offsets in reverse', fileOf(`{${array('a', '[4]', 4, 0)}}`, 4), /incomplete/],
  ['an unknown number type', fileOf(`{${array('a', '[4]', 0, 4, 'Q8')}}`, 4), /unknown number type/],
  ['an inherited number type', fileOf(`{${array('a', '[4]', 0, 4, 'toString')}}`, 4), /unknown number type/],
  ['__proto__ as a name', fileOf(`{${array('__proto__', '[4]', 0, 4)}}`, 4), /__proto__/],
  ['__proto__ in the metadata', fileOf('{"__metadata__":{"__proto__":"x"}}'), /__proto__/],
  ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}'), /two metadata/],
  ['metadata that is no text', fileOf('{"__metadata__":{"a":1}}'), /should have "/],
  ['half a surrogate pair', fileOf('{"__metadata__":{"a":"\\ud800"}}'), /malformed string/],
  ['an unknown escape', fileOf('{"__metadata__":{"a":"\\x"}}'), /malformed string/],
  ['a string without an end', fileOf('{"a\\'), /end of a string/],
  ['a comma too many', fileOf(`{${one},}`, 4), /should have "/],
  ['nesting', fileOf(`{"a":${'['.repeat(100_000)}`), /should have \{/],
  ['more than 100,000 arrays', fileOf(`{${many}}`), /more than 100000/],
];

describe('hostile files', () => {
  test.each(refused)('%s is refused', (_, bytes, reason) => {
    const attempt = () => parseSafetensors(bytes);
    expect(attempt).toThrow(StudioError);
    expect(attempt).toThrow(reason);
  });

  test('a header of one enormous string is read or refused in linear time', () => {
    expect(() => parseSafetensors(fileOf(`{"${'\\\\'.repeat(2 ** 22 - 8)}`))).toThrow(/end of a string/);
  });

  test('a long name does not flood the message', () => {
    const attempt = () => parseSafetensors(fileOf(`{${array('n'.repeat(10_000), '[5]', 0, 4)}}`, 4));
    expect(attempt).toThrow(/^.{1,200}$/);
  });

  test('the file on disk is refused before its size is allocated', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
    const path = join(folder, 'sparse.safetensors');
    try {
      await writeFile(path, fileOf(`{${one}}`));
      await truncate(path, 2 ** 40);
      await expect(readSafetensors(path)).rejects.toThrow(/but the file holds/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('structured mutants are read soundly or refused, quickly', () => {
    const count = process.env['STILLROOM_FAULTS'] === 'long' ? 1_000_000 : 5_000;
    let accepted = 0;
    let slowest = 0;
    for (const bytes of mutants(golden('mixed.safetensors'), count)) {
      const start = performance.now();
      try {
        const { arrays } = parseSafetensors(bytes);
        accepted += 1;
        const held = [...arrays.values()].reduce((sum, { data }) => sum + data.length, 0);
        expect(held).toBeLessThan(bytes.length);
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        expect(error.code).toBe('file-invalid');
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(count);
    expect(slowest).toBeLessThan(1000);
  });
});

test('a record whose bytes do not match its shape is not written', () => {
  const record: ArrayRecord = { dtype: 'F32', shape: [3], data: new Uint8Array(8) };
  expect(() => encodeSafetensors(new Map([['a', record]]))).toThrow(/does not match its shape/);
});
