/** SHA-256 of files and of what flows past, in hexadecimal. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Watching {
  readonly signal?: AbortSignal | undefined;
  /** Hears the length of each piece. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

const pieceBytes = 2 ** 20;

/** Passes pieces on as they are, counts and hashes them. */
export class HashingStream extends Transform {
  /** So many have passed. */
  bytes = 0;
  private readonly hash = createHash('sha256');
  private readonly onBytes: Watching['onBytes'];

  constructor(onBytes?: Watching['onBytes']) {
    super();
    this.onBytes = onBytes;
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, next: TransformCallback): void {
    this.hash.update(piece);
    this.bytes += piece.length;
    this.onBytes?.(piece.length);
    next(null, piece);
  }

  /** Of all that has passed; asked for once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}

/** @throws AbortError and the file system's errors. */
export async function hashFile(path: string, { signal, onBytes }: Watching = {}): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes, signal })) {
    hash.update(piece as Buffer);
    onBytes?.((piece as Buffer).length);
  }
  return hash.digest('hex');
}

/**
 * Copies a file to one that is new, flushed to disk.
 *
 * @returns the hash of what was read; whether the disk kept it, `hashFile` of the copy tells.
 * @throws AbortError and the file system's errors.
 */
export async function copyHashed(
  from: string,
  to: string,
  { signal, onBytes }: Watching = {},
): Promise<string> {
  const hashing = new HashingStream(onBytes);
  const sink = createWriteStream(to, { flags: 'wx', flush: true });
  await pipeline(createReadStream(from, { highWaterMark: pieceBytes }), hashing, sink, { signal });
  return hashing.sha256();
}
