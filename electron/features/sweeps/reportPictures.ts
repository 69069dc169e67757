/** The pictures of a report as files, as data URIs for its page, and all together as one PNG. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { Report } from '../../../engine/contract/experiments/report.ts';
import type { Store } from '../../store/database.ts';
import { getSample } from '../../store/samples.ts';
import { escapeMarkup } from '../comparison/escapeMarkup.ts';
import { pictureFile, sweepPictures } from './sweepFolder.ts';

/** By media id. */
export type Pictures = ReadonlyMap<string, PagePicture>;

export interface PagePicture {
  readonly uri: string;
  /** As shown. */
  readonly width: number;
  readonly height: number;
}

/** Small pictures are enlarged with squares for pixels; larger ones, a toy's points, made smaller. */
const SHOWN = { row: 576, points: 280 };

export async function readPictures(store: Store, report: Report): Promise<Pictures> {
  const cells = report.rows.flatMap((row) => row.cells.slice(0, 1));
  const wanted = cells.flatMap(({ picture, views }) => [
    ...(picture === null ? [] : [picture]),
    ...views.map(({ media }) => media),
  ]);
  const read = [...new Set(wanted)].map(async (media) => {
    const contents = await readFile(await fileOf(store, media)).catch(() => undefined);
    return contents ? [[media, await shown(contents)] as const] : [];
  });
  return new Map((await Promise.all(read)).flat());
}

async function fileOf(store: Store, media: string): Promise<string> {
  const [kind, id = ''] = media.split('/');
  if (kind === 'sweeps') return pictureFile(sweepPictures(store.data), id);
  return path.join(store.data, (await getSample(store, id)).path);
}

async function shown(png: Buffer): Promise<PagePicture> {
  const { width, height } = await sharp(png).metadata();
  const isRow = width !== height;
  const factor = isRow ? Math.max(1, Math.round(SHOWN.row / width)) : SHOWN.points / width;
  const size = { width: Math.round(width * factor), height: Math.round(height * factor) };
  const drawn = await sharp(png)
    .removeAlpha()
    .resize(size.width, size.height, { kernel: isRow ? 'nearest' : 'lanczos3' })
    .png({ compressionLevel: 9, palette: !isRow, colours: 64 })
    .toBuffer();
  return { uri: `data:image/png;base64,${drawn.toString('base64')}`, ...size };
}

const [margin, gap, heading] = [20, 14, 22];

/** Every variant's samples of the first seed under its name; undefined where there is none. */
export async function samplesPicture({ rows }: Report, pictures: Pictures): Promise<Buffer | undefined> {
  const named = rows.flatMap(({ name, cells: [cell] }) => {
    const picture = pictures.get(cell?.picture ?? '');
    return picture ? [{ name, picture }] : [];
  });
  const [first] = named;
  if (!first) return undefined;
  const columns = first.picture.width > first.picture.height ? 1 : Math.min(4, named.length);
  const [cellWidth, cellHeight] = [first.picture.width + gap, first.picture.height + heading + gap];
  const width = 2 * margin + columns * cellWidth - gap;
  const height = 2 * margin + Math.ceil(named.length / columns) * cellHeight - gap;
  const marks = named.map(({ name, picture }, i) => {
    const x = margin + (i % columns) * cellWidth;
    const y = margin + Math.floor(i / columns) * cellHeight;
    return (
      `<text x="${x}" y="${y + 14}" font-size="13" fill="#1b1b1b">${escapeMarkup(name)}</text>` +
      `<image x="${x}" y="${y + heading}" width="${picture.width}" height="${picture.height}" href="${picture.uri}"/>`
    );
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>${marks.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png({ palette: true, compressionLevel: 9 }).toBuffer();
}
