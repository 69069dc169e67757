/** A few pictures that stand for a set: whole, and as training sees them. */
import { decodeImage, defaultDecode, encodeSquare, thumbnail, type Thumbnail } from './decode.ts';
import type { FileTree } from './fileTree.ts';
import { labelFiles, type LabelledFile } from './labels.ts';

export interface Preview extends Pick<LabelledFile, 'file' | 'caption' | 'className'> {
  /** A PNG file of `size × size`. */
  crop: Buffer;
  whole: Thumbnail;
}

export interface PreviewOptions {
  size: number;
  count: number;
  /** Files that were left out. */
  without: ReadonlySet<string>;
  signal?: AbortSignal;
}

const wholeSide = 320;

/** The classes take turns, so that small ones are seen too. */
export async function readPreviews(tree: FileTree, options: PreviewOptions): Promise<Preview[]> {
  const { size, count, without, signal } = options;
  const { images } = await labelFiles(tree);
  const chosen = inTurns(
    images.filter(({ file }) => !without.has(file)),
    count,
  );
  const previews: Preview[] = [];
  for (const { file, caption, className } of chosen) {
    signal?.throwIfAborted();
    const bytes = await tree.read(file);
    const { pixels } = await decodeImage(bytes, { ...defaultDecode, size });
    const crop = await encodeSquare(pixels, size);
    previews.push({ file, caption, className, crop, whole: await thumbnail(bytes, wholeSide) });
  }
  return previews;
}

/** The first of each class, the second of each class, and so on. */
function inTurns<T extends Pick<LabelledFile, 'className'>>(images: readonly T[], count: number): T[] {
  const classes = Map.groupBy(images, ({ className }) => className);
  const chosen: T[] = [];
  for (let turn = 0; chosen.length < Math.min(count, images.length); turn++) {
    for (const members of classes.values()) {
      const member = members[turn];
      if (member !== undefined && chosen.length < count) chosen.push(member);
    }
  }
  return chosen;
}
