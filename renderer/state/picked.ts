/** Files that a person dropped or chose in a browser, and how they get to the host: as copies, one request a file. */
import { StudioError } from '../../engine/contract/errors.ts';
import { failureSchema } from '../../engine/contract/messages/define.ts';
import type { Picked } from './pickedSets.ts';

/** Uploads at a time. */
const AT_ONCE = 4;

/** Must be called while the drop is told of: later its items are gone. */
export function pickedOfDrop(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return Promise.all(entries.map((entry) => filesBelow(entry))).then((files) => files.flat());
}

export const pickedOfInput = (files: FileList): Picked[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What a model's folder or file holds, of all that was picked. */
export const modelFilesOf = (picked: readonly Picked[]): Picked[] =>
  picked.filter(({ path }) => /\.(safetensors|json)$/i.test(path) && path.split('/').length <= 2);

export interface Uploaded {
  /** Names what was uploaded to the host. */
  readonly source: string;
  readonly refused: readonly StudioError[];
}

/** Uploads one set; a file that is refused does not end the others. @throws StudioError 'cancelled', 'disk-full'. */
export async function upload(
  set: readonly Picked[],
  { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<Uploaded> {
  const source = crypto.randomUUID();
  const refused: StudioError[] = [];
  const waiting = [...set];
  let done = 0;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const failure = await send(source, next, signal);
      if (failure?.code === 'disk-full') throw failure;
      if (failure) refused.push(failure);
      onProgress(++done, set.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    waiting.length = 0;
    if (signal.aborted) throw new StudioError('cancelled', 'Adding was cancelled.');
    throw error;
  }
  return { source, refused };
}

async function send(source: string, { path, file }: Picked, signal: AbortSignal) {
  const address = path.split('/').map(encodeURIComponent).join('/');
  const answer = await fetch(`uploads/${source}/${address}`, { method: 'PUT', body: file, signal });
  if (answer.ok) return undefined;
  const { code, message, hint } = failureSchema.parse(await answer.json());
  return new StudioError(code, message, hint);
}

async function filesBelow(entry: FileSystemEntry): Promise<Picked[]> {
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.slice(1), file }];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const read = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  const files: Picked[] = [];
  // A folder is told in pieces; an empty one is its end.
  for (let entries = await read(); entries.length > 0; entries = await read())
    for (const inner of entries) files.push(...(await filesBelow(inner)));
  return files;
}
