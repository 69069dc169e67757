/** Files and streams hashed, against the examples of FIPS 180-4. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { copyHashed, hashFile, HashingStream } from '../../../engine/contract/fileHash.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-hash-'));
afterAll(() => rmSync(folder, { recursive: true }));

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const millionOfA = 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0';

test('a stream counts and hashes what it passes on', async () => {
  const heard: number[] = [];
  const stream = new HashingStream((bytes) => heard.push(bytes));
  const passed = await buffer(Readable.from([Buffer.from('a'), Buffer.from('bc')]).pipe(stream));
  expect(passed.toString()).toBe('abc');
  expect(heard).toEqual([1, 2]);
  expect(stream.bytes).toBe(3);
  expect(stream.sha256()).toBe(abc);
});

test('a copy is hashed as it is read, and never takes the place of a file', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  writeFileSync(from, 'a'.repeat(1_000_000));
  expect(await copyHashed(from, to)).toBe(millionOfA);
  expect(readFileSync(to)).toEqual(readFileSync(from));
  let read = 0;
  expect(await hashFile(to, { onBytes: (bytes) => (read += bytes) })).toBe(millionOfA);
  expect(read).toBe(1_000_000);
  await expect(copyHashed(from, to)).rejects.toThrow('EEXIST');
});

test('both end when they are told to', async () => {
  const from = join(folder, 'aborted');
  writeFileSync(from, 'abc');
  const signal = AbortSignal.abort();
  await expect(hashFile(from, { signal })).rejects.toThrow(/abort/);
  await expect(copyHashed(from, join(folder, 'never'), { signal })).rejects.toThrow(/abort/);
});
