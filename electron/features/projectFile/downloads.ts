/** Project files for a browser to fetch: the last one that was saved, until the next or the next start. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';

export const downloadsFolder = (data: string): string => path.join(data, 'downloads');

/** Absolute. */
export const downloadFile = (data: string, id: string): string =>
  path.join(downloadsFolder(data), `${id}.stillroom`);

/** Removes the last one. Returns the id of the next. */
export async function newDownload(data: string): Promise<string> {
  await removeDownloads(data);
  return randomUUID();
}

export async function removeDownloads(data: string): Promise<void> {
  await rm(downloadsFolder(data), { recursive: true, force: true });
}
