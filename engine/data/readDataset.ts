/** From a folder or zip archive to a Dataset: label, decode, check; the decoded pixels are cached. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { StudioError } from '../contract/errors.ts';
import { classBalance, setWarnings, type DataReport, type FileNote } from './checks.ts';
import type { Dataset } from './dataset.ts';
import { decodeImage, defaultDecode, UnusableImage, type DecodeSettings } from './decode.ts';
import { byCodeUnit, type FileTree } from './fileTree.ts';
import { openFolder } from './imageFolder.ts';
import { labelFiles, type LabelledFile } from './labels.ts';
import { readTensor, tensorKey, writeTensor } from './tensorCache.ts';
import { openZip } from './zipArchive.ts';

export interface ReadOptions extends Partial<DecodeSettings> {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
  /** Folder of cached pixels; `false` neither reads nor writes any. */
  cache?: string | false;
}

/** Bound of `count × size² × 3` bytes held at once. */
const memoryQuota = 4 * 2 ** 30;

/** Reads a folder or a `.zip`; throws `input-invalid` where nothing in it can be used, `cancelled` by the signal. */
export async function readDataset(location: string, options: ReadOptions = {}): Promise<Dataset> {
  const tree = await openTree(location);
  try {
    return await readTree(tree, options);
  } finally {
    tree.close();
  }
}

/** A folder or a `.zip` to be read; the caller closes it. Throws `not-found`, `input-invalid`. */
export async function openTree(location: string): Promise<FileTree> {
  const found = await stat(location).catch((cause: unknown) => {
    throw new StudioError('not-found', `“${location}” is not there any more.`, 'Choose the folder again.', {
      cause,
    });
  });
  return found.isDirectory() ? openFolder(location) : openZip(location);
}

/** Throws `cancelled` once the signal is aborted; a function, so that every look is a fresh one. */
function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new StudioError('cancelled', 'Reading was cancelled; nothing was changed.');
}

async function readTree(tree: FileTree, options: ReadOptions): Promise<Dataset> {
  const settings: DecodeSettings = {
    size: options.size ?? defaultDecode.size,
    fit: options.fit ?? defaultDecode.fit,
    background: options.background ?? defaultDecode.background,
  };
  const { images, notes } = await labelFiles(tree);
  if (images.length === 0) {
    throw new StudioError(
      'input-invalid',
      `“${tree.name}” contains no pictures.`,
      'Choose a folder or zip with PNG, JPEG, WebP, GIF, TIFF or AVIF files; sub-folders become classes.',
    );
  }
  if (images.length * settings.size ** 2 * 3 > memoryQuota) {
    throw new StudioError(
      'input-invalid',
      `${images.length} pictures of ${settings.size}×${settings.size} pixels need more than 4 GiB of memory.`,
      'Choose a smaller size or fewer pictures.',
    );
  }
  const key = await contentKey(tree, images, settings, options.signal);
  const cached = options.cache === false ? undefined : await readTensor(key, options.cache);
  if (cached !== undefined) return cached;
  const dataset = await decodeAll(tree, images, notes, settings, options);
  if (options.cache !== false) {
    await writeTensor(key, dataset, options.cache).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      dataset.report.warnings.push(`The decoded pictures could not be kept for next time: ${reason}`);
    });
  }
  return dataset;
}

/** Reads every image once; the key changes with any byte, name, caption or setting. */
async function contentKey(
  tree: FileTree,
  images: readonly LabelledFile[],
  settings: DecodeSettings,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  for (const image of images) {
    stopIfCancelled(signal);
    hash.update(JSON.stringify(image));
    const bytes = await tree.read(image.file).catch(() => Buffer.from('unreadable'));
    hash.update(createHash('sha256').update(bytes).digest());
  }
  return tensorKey(hash.digest('hex'), tree.name, settings);
}

interface Row {
  image: LabelledFile;
  pixels: Uint8Array;
}

async function decodeAll(
  tree: FileTree,
  images: readonly LabelledFile[],
  notes: readonly FileNote[],
  settings: DecodeSettings,
  options: ReadOptions,
): Promise<Dataset> {
  const rows: (Row | undefined)[] = new Array<undefined>(images.length);
  const leftOut: FileNote[] = [];
  const remarks: FileNote[] = [...tree.notes, ...notes];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let index = next++; index < images.length; index = next++) {
      stopIfCancelled(options.signal);
      const image = images[index];
      if (image === undefined) return;
      try {
        const { pixels, remark } = await decodeImage(await tree.read(image.file), settings);
        rows[index] = { image, pixels };
        if (remark !== undefined) remarks.push({ file: image.file, ...remark });
      } catch (error) {
        leftOut.push(noteFor(image.file, error));
      }
      options.onProgress?.(++done, images.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  const kept = rows.filter((row) => row !== undefined);
  return assemble(
    tree.name,
    dropDuplicates(kept, leftOut, remarks),
    settings.size,
    images.length,
    leftOut,
    remarks,
  );
}

function noteFor(file: string, error: unknown): FileNote {
  if (error instanceof UnusableImage) return { file, finding: error.finding, message: error.message };
  if (error instanceof StudioError && error.code === 'input-invalid') {
    return { file, finding: 'unreadable', message: `${error.message} Left out.` };
  }
  throw error;
}

/**
 * Of images equal in every decoded pixel keeps the first, and those to which someone gave another caption: two
 * names of one thing, such as "flag: norway" and "flag: bouvet island", are knowledge and no mistake.
 */
function dropDuplicates(rows: readonly Row[], leftOut: FileNote[], remarks: FileNote[]): Row[] {
  const seen = new Map<string, Row[]>();
  return rows.filter((row) => {
    const { file, caption, captioned } = row.image;
    const hash = createHash('sha256').update(row.pixels).digest('base64');
    const equals = seen.get(hash) ?? [];
    const [original] = equals;
    const otherName = captioned && equals.every(({ image }) => image.caption !== caption);
    if (original === undefined || otherName) seen.set(hash, [...equals, row]);
    if (original === undefined) return true;
    const message = `The same picture as “${original.image.file}”: ${otherName ? 'kept for its other caption' : 'left out'}.`;
    (otherName ? remarks : leftOut).push({ file, finding: 'duplicate', message });
    return otherName;
  });
}

function assemble(
  name: string,
  rows: readonly Row[],
  size: number,
  found: number,
  leftOut: FileNote[],
  remarks: FileNote[],
): Dataset {
  if (rows.length === 0) {
    throw new StudioError(
      'input-invalid',
      `None of the ${found} pictures in “${name}” can be used; the first: ${leftOut[0]?.message ?? ''}`,
      'Open one of them in a picture viewer, and export it again as PNG.',
    );
  }
  const classNames = [...new Set(rows.map(({ image }) => image.className))].sort(byCodeUnit);
  const indices = new Map(classNames.map((className, index) => [className, index]));
  const classes = Int32Array.from(rows, ({ image }) => indices.get(image.className) ?? 0);
  const captions = rows.map(({ image }) => image.caption);
  const pixels = new Uint8Array(rows.length * size * size * 3);
  rows.forEach((row, index) => pixels.set(row.pixels, index * size * size * 3));
  const balance = classBalance(classes, classNames);
  const report: DataReport = {
    found,
    used: rows.length,
    leftOut: leftOut.sort((a, b) => byCodeUnit(a.file, b.file)),
    remarks: remarks.sort((a, b) => byCodeUnit(a.file, b.file)),
    classes: balance,
    warnings: setWarnings(balance, rows.length, captions.filter((caption) => caption === '').length),
  };
  return { name, size, count: rows.length, pixels, captions, classes, classNames, report };
}
