/** How a browser's files get to the host: as copies, one request a file, told in bytes; nothing stays of what fails. */
import { StudioError } from '../../engine/contract/errors.ts';
import { failureSchema } from '../../engine/contract/messages/define.ts';
import type { Picked } from './pickedSets.ts';

/** Requests at a time. */
const AT_ONCE = 4;

export interface Uploaded {
  /** Names what was uploaded to the host. */
  readonly source: string;
  readonly refused: readonly StudioError[];
}

interface Options {
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Uploads a set and hands it to `use`. A file that is refused does not end the others.
 *
 * @throws StudioError 'cancelled', 'disk-full', 'connection-lost', what `use` throws, and where every file was refused the
 *   first refusal.
 */
export async function upload<T>(
  set: readonly Picked[],
  options: Options,
  use: (uploaded: Uploaded) => Promise<T>,
): Promise<T> {
  const source = crypto.randomUUID();
  try {
    const refused = await sendAll(source, set, options);
    const [first] = refused;
    if (first && refused.length === set.length) throw first;
    return await use({ source, refused });
  } catch (error) {
    // A host that is out of reach forgets uploads when it starts anew.
    await fetch(`uploads/${source}`, { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}

/** Returns the refusals. */
async function sendAll(source: string, set: readonly Picked[], { signal, onProgress }: Options) {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const refused: StudioError[] = [];
  const waiting = [...set];
  const total = set.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  const onSent = (bytes: number) => onProgress((done += bytes), total);
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const failure = await send(source, next, stop, onSent);
      if (failure?.code === 'disk-full') throw failure;
      if (failure) refused.push(failure);
    }
  };
  onSent(0);
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return refused;
  } finally {
    failed.abort();
  }
}

/** Returns why the host refused the file. @param onSent is told bytes since it was told last. */
async function send(source: string, picked: Picked, signal: AbortSignal, onSent: (bytes: number) => void) {
  let sent = 0;
  const { status, responseText } = await put(source, picked, signal, (bytes) => {
    onSent(bytes - sent);
    sent = bytes;
  });
  if (status === 204) return undefined;
  const { code, message, hint } = failureSchema.parse(JSON.parse(responseText));
  return new StudioError(code, message, hint);
}

/** Of a browser's requests only this kind tells how much of its body was sent. */
function put(source: string, { path, file }: Picked, signal: AbortSignal, onSent: (bytes: number) => void) {
  return new Promise<XMLHttpRequest>((resolve, reject) => {
    const cancelled = () => reject(new StudioError('cancelled', 'Adding was cancelled.'));
    if (signal.aborted) {
      cancelled();
      return;
    }
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    request.onloadend = () => signal.removeEventListener('abort', abort);
    // What is sent is a little more than the file.
    request.upload.onprogress = ({ loaded }) => onSent(Math.min(loaded, file.size));
    request.onload = () => {
      onSent(file.size);
      resolve(request);
    };
    request.onabort = cancelled;
    request.onerror = () =>
      reject(
        new StudioError(
          'connection-lost',
          `Sending “${file.name}” broke off; nothing of it was kept.`,
          'See that Stillroom still runs and that the file did not change, then add it again.',
        ),
      );
    request.open('PUT', `uploads/${source}/${path.split('/').map(encodeURIComponent).join('/')}`);
    request.send(file);
  });
}
