/** What shows that a zip archive is damaged or hostile before anything in it is unpacked, in words. */
import type { Entry } from 'yauzl';
import { totalQuota } from './fileTree.ts';

/** Deflate cannot exceed 1,032:1; pictures, already compressed, hardly reach 20:1. */
const ratioQuota = 300;
const ratioFloor = 2 ** 20;
const localHeaderBytes = 30;

/** What is wrong with one entry by itself, or undefined. @param quota bytes that a file may unpack to */
export function entryFault(entry: Entry, quota: number): string | undefined {
  const { fileName, uncompressedSize, compressedSize } = entry;
  const unixType = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (fileName.includes('\0')) return 'a name contains a zero byte';
  if (unixType === 0o120000) return `“${fileName}” is a link`;
  if (unixType !== 0 && unixType !== 0o100000 && unixType !== 0o040000)
    return `“${fileName}” is a special file`;
  if (entry.isEncrypted()) return `“${fileName}” is encrypted`;
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return `“${fileName}” is packed in an unusual way`;
  if (uncompressedSize > quota)
    return `“${fileName}” unpacks to more than ${Math.round(quota / 2 ** 20)} MiB`;
  if (uncompressedSize > ratioFloor && uncompressedSize > ratioQuota * compressedSize) {
    return `“${fileName}” unpacks to over ${ratioQuota} times its size, as archives made to fill a disk do`;
  }
  return undefined;
}

/** What is wrong with the entries together: clashing names, or bytes claimed twice. */
export function listFault(entries: readonly Entry[]): string | undefined {
  const names = new Set<string>();
  let total = 0;
  for (const { fileName, uncompressedSize } of entries) {
    const folded = fileName.normalize('NFC').toLowerCase();
    if (names.has(folded)) return `two entries are both called “${fileName}”`;
    names.add(folded);
    total += uncompressedSize;
  }
  if (total > totalQuota) return 'it unpacks to more than 64 GiB';
  let end = 0;
  for (const entry of entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  )) {
    if (entry.relativeOffsetOfLocalHeader < end) return `“${entry.fileName}” overlaps another entry`;
    end = entry.relativeOffsetOfLocalHeader + localHeaderBytes + entry.fileNameLength + entry.compressedSize;
  }
  return undefined;
}
