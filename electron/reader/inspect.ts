/** Reads a set as a training would, and tells what it found; keeps the decoded pixels, so that the training starts at once. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  NOTES_SHOWN,
  type DataReport,
  type Finding,
  type Inspection,
} from '../../engine/contract/messages/data.ts';
import type { DataReport as WholeReport } from '../../engine/data/checks.ts';
import { emojiArchive } from '../../engine/data/emoji.ts';
import { readPreviews } from '../../engine/data/previews.ts';
import { openTree, readDataset } from '../../engine/data/readDataset.ts';
import type { HandlerContext } from '../bridge/api.ts';

const PREVIEWS = 30;

interface Wanted {
  readonly location: string;
  readonly size: number;
  readonly pictureFolder: string;
}

/** @throws StudioError 'input-invalid' where nothing can be used, 'not-found', 'cancelled'. */
export async function inspect(
  { location: named, size, pictureFolder }: Wanted,
  { signal, progress }: HandlerContext,
): Promise<Inspection> {
  const location = named === 'demo' ? emojiArchive : named;
  const { report } = await readDataset(location, { size, signal, onProgress: progress });
  const write = async (picture: Buffer) => {
    const name = randomUUID();
    await writeFile(path.join(pictureFolder, `${name}.png`), picture);
    return `pictures/${name}`;
  };
  const tree = await openTree(location);
  try {
    const without = new Set(report.leftOut.map(({ file }) => file));
    const previews = await readPreviews(tree, { size, count: PREVIEWS, without, signal });
    return {
      report: shortened(report),
      previews: await Promise.all(
        previews.map(async ({ crop, whole: { png, width, height }, ...named }) => ({
          ...named,
          ...{ width, height, crop: await write(crop), whole: await write(png) },
        })),
      ),
    };
  } finally {
    tree.close();
  }
}

/** A set of damaged files has as many notes as files; all are counted, the first are told. */
export function shortened({ leftOut, remarks, classes, ...report }: WholeReport): DataReport {
  const counts: Partial<Record<Finding, number>> = {};
  for (const { finding } of [...leftOut, ...remarks]) counts[finding] = (counts[finding] ?? 0) + 1;
  return {
    ...report,
    counts,
    leftOut: leftOut.slice(0, NOTES_SHOWN),
    remarks: remarks.slice(0, NOTES_SHOWN),
    classes: classes.toSorted((a, b) => b.count - a.count).slice(0, NOTES_SHOWN),
  };
}
