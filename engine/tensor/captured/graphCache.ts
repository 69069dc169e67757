/** Recorded graphs kept on disk, so that a step is recorded once a computer and not once a process. */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { cacheFolder } from '../../contract/cacheFolder.ts';
import type { RecordedGraph } from './recordGraph.ts';

/** Graphs are a few hundred kilobytes each; beyond this those unused for longest are deleted. */
const MOST_BYTES = 64 * 2 ** 20;
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;

const description = z.strictObject({
  feeds: z.array(z.string()),
  variables: z.array(z.string()),
  outputs: z.array(z.string()),
  hasLanes: z.boolean(),
  isProgram: z.boolean(),
});

const folder = (): string => join(cacheFolder(), 'graphs');
const pathOf = (key: string): string => join(folder(), key);
const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Undefined where there is none; a damaged one is told of and counts as none. */
export function readGraph(key: string): RecordedGraph | undefined {
  let file: Buffer;
  try {
    file = readFileSync(pathOf(key));
    const now = new Date();
    utimesSync(pathOf(key), now, now);
  } catch {
    return undefined;
  }
  const graph = decode(file);
  if (!graph) console.warn(`The kept graph ${pathOf(key)} is damaged; its step is recorded anew.`);
  return graph;
}

/** A disk that refuses costs the next start its time and nothing else. */
export function keepGraph(key: string, graph: RecordedGraph): void {
  const path = pathOf(key);
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(temporary, encode(graph));
    renameSync(temporary, path);
    prune();
  } catch (error) {
    console.warn(`A recorded step could not be kept in ${folder()}: ${String(error)}`);
  }
}

/** Its SHA-256, the length of the description as JSON, the description, the GraphDef. */
function encode({ bytes, ...others }: RecordedGraph): Buffer {
  const head = Buffer.from(JSON.stringify(others));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const body = Buffer.concat([length, head, bytes]);
  return Buffer.concat([hashOf(body), body]);
}

function decode(file: Buffer): RecordedGraph | undefined {
  const body = file.subarray(HASH_BYTES);
  if (!hashOf(body).equals(file.subarray(0, HASH_BYTES))) return undefined;
  const start = LENGTH_BYTES + body.readUInt32LE(0);
  const others = description.parse(JSON.parse(body.toString('utf8', LENGTH_BYTES, start)));
  return { ...others, bytes: new Uint8Array(body.subarray(start)) };
}

/** Another process may prune at once; what a killed one left half written grows old here too. */
function prune(): void {
  const files = readdirSync(folder()).flatMap((name) => {
    const path = join(folder(), name);
    const found = statSync(path, { throwIfNoEntry: false });
    return found ? [{ path, bytes: found.size, used: found.mtimeMs }] : [];
  });
  let kept = 0;
  for (const { path, bytes } of files.sort((a, b) => b.used - a.used)) {
    kept += bytes;
    if (kept > MOST_BYTES) rmSync(path, { force: true });
  }
}
