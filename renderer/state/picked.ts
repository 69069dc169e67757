/** Files that a person dropped or chose in a browser. */
import type { Picked } from './pickedSets.ts';

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
