/** Where what people take away is written: a new folder each time, below the data folder's `exports`. */
import path from 'node:path';
import type { Store } from '../store/database.ts';

export const exportsFolder = (data: string): string => path.join(data, 'exports');

/** Absolute; no export meets an older one. @param suffix e.g. the kind of its numbers. */
export function exportFolder(store: Store, name: string, suffix = ''): string {
  const tail = suffix === '' ? '' : `-${suffix}`;
  return path.join(exportsFolder(store.data), `${fileName(name)}-${moment()}${tail}`);
}

/** Letters, digits and dashes, whatever the thing is called. */
const fileName = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'model';

/** To the second. */
const moment = (): string => new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
