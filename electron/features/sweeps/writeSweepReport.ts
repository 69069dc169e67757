/** Puts a sweep's report into a folder: the page, figures and samples as PNG, numbers as CSV and JSON. */
import path from 'node:path';
import sharp from 'sharp';
import type { Report } from '../../../engine/contract/experiments/report.ts';
import { reportFigures } from '../../../engine/contract/figures/reportFigures.ts';
import type { Store } from '../../store/database.ts';
import { writeWholeFolder } from '../comparison/wholeFolder.ts';
import { renderReport } from './page/page.ts';
import { paper, svgOf } from './page/svg.ts';
import { numbersCsv, reportJson, summaryCsv } from './reportFiles.ts';
import { readPictures, samplesPicture } from './reportPictures.ts';

/** What such a folder may hold; anything else in it is somebody's own. */
const ownFile =
  /^(index\.html|samples\.png|(interval|curve|parallel)-[\w-]+\.png|(numbers|summary)\.csv|report\.json)$/;

/** Figures are drawn twice as large as on the page. */
const DENSITY = 144;

/** @returns the page. @throws StudioError as `writeWholeFolder`. */
export async function writeSweepReport(store: Store, report: Report, folder: string): Promise<string> {
  const target = path.resolve(folder);
  await writeWholeFolder(target, ownFile, filesOf(store, report));
  return path.join(target, 'index.html');
}

async function* filesOf(store: Store, report: Report): AsyncGenerator<[string, string | Buffer]> {
  yield ['report.json', reportJson(report)];
  yield ['numbers.csv', numbersCsv(report)];
  yield ['summary.csv', summaryCsv(report)];
  for (const { id, drawing } of reportFigures(report)) {
    const svg = Buffer.from(svgOf(drawing, paper));
    yield [
      `${id}.png`,
      await sharp(svg, { density: DENSITY })
        .flatten({ background: '#fff' })
        .png({ palette: true, compressionLevel: 9 })
        .toBuffer(),
    ];
  }
  const pictures = await readPictures(store, report);
  const samples = await samplesPicture(report, pictures);
  if (samples) yield ['samples.png', samples];
  yield ['index.html', renderReport(report, pictures)];
}
