/** A read-only view of named files, so that a folder and a zip archive are read by the same code. */
import { StudioError } from '../contract/errors.ts';
import type { FileNote } from './checks.ts';

export interface FileTree {
  /** The folder's or archive's own name, without its extension. */
  name: string;
  /** Relative paths with `/`, sorted by code unit, without hidden files. */
  files: string[];
  /** Files that cannot be offered, and why. */
  notes: FileNote[];
  /** The file's bytes; throws StudioError when it is gone, damaged or longer than `fileQuota`. */
  read(file: string): Promise<Buffer>;
  close(): void;
}

/** Nobody's picture is longer, and many a bomb is. */
export const fileQuota = 128 * 2 ** 20;
export const countQuota = 200_000;
export const totalQuota = 64 * 2 ** 30;

export function tooManyFiles(name: string): StudioError {
  return new StudioError(
    'input-invalid',
    `“${name}” holds more than ${countQuota.toLocaleString('en')} files; nothing was read.`,
    'Split it, and add the part that you want to train on.',
  );
}

/** Hidden files and what macOS adds to archives: never the user's pictures. */
export function isHidden(file: string): boolean {
  return file.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
