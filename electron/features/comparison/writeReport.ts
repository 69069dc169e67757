/** Puts a whole comparison report into a folder, complete or not at all. */
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../engine/contract/errors.ts';
import { hasCode } from '../../../engine/training/fileSystem.ts';
import { checkComparison, type Comparison } from './comparison.ts';
import { comparisonTable } from './comparisonTable.ts';
import { metricsCsv, metricsJson, tableMarkdown } from './dataFiles.ts';
import { gridPicture } from './gridPicture.ts';
import { renderPage } from './page/page.ts';
import { stripPicture } from './stripPicture.ts';

export interface ReportFiles {
  readonly folder: string;
  /** The report itself; it needs none of the others. */
  readonly page: string;
  readonly grid: string;
  readonly strips: readonly string[];
  readonly table: string;
  readonly json: string;
  readonly csv: string;
}

/** What a report's folder may hold; anything else in it is somebody's own. */
const ownFile = /^(index\.html|grid\.png|strip-\d+\.png|table\.md|metrics\.(json|csv))$/;

/**
 * Writes beside the folder and renames, so that no half report is ever seen. An earlier report there is replaced; a
 * folder that holds anything else is left alone.
 *
 * @throws StudioError `input-invalid` where the folder holds other files, `disk-full`; RangeError as `checkComparison`.
 */
export async function writeReport(comparison: Comparison, folder: string): Promise<ReportFiles> {
  checkComparison(comparison);
  const target = path.resolve(folder);
  const replaced = await findEarlierReport(target);
  const unfinished = `${target}.${process.pid}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    for await (const [name, contents] of reportFiles(comparison)) {
      await writeFile(path.join(unfinished, name), contents, { flush: true });
    }
    if (replaced) await replaceFolder(target, unfinished);
    else await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error;
    throw new StudioError(
      'disk-full',
      `The disk is full: the report could not be written to ${target}; an earlier one is untouched.`,
      'Free some space or choose a folder on another disk.',
      { cause: error },
    );
  }
  const at = (name: string): string => path.join(target, name);
  return {
    folder: target,
    page: at('index.html'),
    grid: at('grid.png'),
    strips: comparison.strips.map((_, index) => at(stripName(index))),
    table: at('table.md'),
    json: at('metrics.json'),
    csv: at('metrics.csv'),
  };
}

async function* reportFiles(comparison: Comparison): AsyncGenerator<[string, string | Buffer]> {
  yield ['metrics.json', metricsJson(comparison)];
  yield ['metrics.csv', metricsCsv(comparison)];
  yield ['table.md', tableMarkdown(comparisonTable(comparison))];
  yield ['grid.png', await gridPicture(comparison)];
  for (const [index, strip] of comparison.strips.entries()) {
    yield [stripName(index), await stripPicture(strip, comparison.dataStd)];
  }
  yield ['index.html', await renderPage(comparison)];
}

const stripName = (index: number): string => `strip-${index + 1}.png`;

/** Whether a report, or an empty folder, is there to be replaced. */
async function findEarlierReport(folder: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    if (!hasCode(error, 'ENOTDIR')) throw error;
    throw new StudioError(
      'input-invalid',
      `${folder} is a file; nothing was written.`,
      'Choose a new folder for the report.',
    );
  }
  const foreign = names.find((name) => !ownFile.test(name));
  if (foreign === undefined) return true;
  throw new StudioError(
    'input-invalid',
    `The folder ${folder} holds files that are no report's, e.g. ${foreign}; nothing was written.`,
    'Choose a new folder for the report.',
  );
}

/** For a moment neither is at `folder`, since no system renames over a folder that holds files. */
async function replaceFolder(folder: string, successor: string): Promise<void> {
  const predecessor = `${folder}.${process.pid}.old`;
  await rename(folder, predecessor);
  try {
    await rename(successor, folder);
  } catch (error) {
    await rename(predecessor, folder);
    throw error;
  }
  for (const name of await readdir(predecessor)) {
    if (ownFile.test(name)) await rm(path.join(predecessor, name));
  }
  await rmdir(predecessor);
}
