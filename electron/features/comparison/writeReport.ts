/** Puts a whole comparison report into a folder, complete or not at all. */
import path from 'node:path';
import { checkComparison, type Comparison } from './comparison.ts';
import { comparisonTable } from './comparisonTable.ts';
import { metricsCsv, metricsJson, tableMarkdown } from './dataFiles.ts';
import { gridPicture } from './gridPicture.ts';
import { renderPage } from './page/page.ts';
import { stripPicture } from './stripPicture.ts';
import { writeWholeFolder } from './wholeFolder.ts';

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

/** @throws StudioError as `writeWholeFolder`; RangeError as `checkComparison`. */
export async function writeReport(comparison: Comparison, folder: string): Promise<ReportFiles> {
  checkComparison(comparison);
  const target = path.resolve(folder);
  await writeWholeFolder(target, ownFile, reportFiles(comparison));
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
