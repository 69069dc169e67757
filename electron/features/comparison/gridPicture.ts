/** The comparison's images as one PNG: a row for each prompt, a column for each model. */
import { formatCount, formatSeconds } from '../../terminal/quantities.ts';
import { wrap } from '../../terminal/textWidth.ts';
import type { Comparison } from './comparison.ts';
import { enlargement, PixelPicture } from './pixelPicture.ts';

const margin = 24;
const gap = 8;
const promptWidth = 168;
const headingHeight = 76;
const titleHeight = 44;
const quiet = '#6b6b6b';

export async function gridPicture(comparison: Comparison): Promise<Buffer> {
  const { columns, prompts, title, seedInfo } = comparison;
  const sides = columns.map(({ images }) => Math.max(images.width, images.height));
  const cell = Math.max(...sides.map((side) => side * enlargement(side)));
  const width = 2 * margin + promptWidth + columns.length * (cell + gap);
  const height = 2 * margin + titleHeight + headingHeight + prompts.length * (cell + gap);
  const picture = new PixelPicture(width, height);
  picture.label(title, margin, margin + 16, { width: width * 0.6, size: 20, bold: true });
  picture.label(seedInfo, width - margin - gap, margin + 16, {
    width: width * 0.35,
    size: 13,
    align: 'end',
    colour: quiet,
  });
  const top = margin + titleHeight + headingHeight;
  columns.forEach((column, index) => {
    const left = margin + promptWidth + index * (cell + gap);
    const names = wrap(column.label, Math.floor(cell / 9)).slice(0, 2);
    names.forEach((name, line) => {
      picture.label(name, left, top - 46 - 17 * (names.length - 1 - line), { width: cell + gap, bold: true });
    });
    const { steps, evaluations } = column;
    const cost = `${formatCount(steps, 'step')} · ${evaluations} NFE`;
    picture.label(cost, left, top - 28, { width: cell, size: 11, colour: quiet });
    const time = `${formatSeconds(column.secondsPerImage)} an image`;
    picture.label(time, left, top - 12, { width: cell, size: 11, colour: quiet });
    prompts.forEach((_, row) => {
      picture.image(column.images, row, left, top + row * (cell + gap), enlargement(sides[index] ?? cell));
    });
  });
  prompts.forEach((prompt, row) => {
    wrap(prompt, 19)
      .slice(0, 4)
      .forEach((line, index) => {
        const baseline = top + row * (cell + gap) + 16 + index * 18;
        picture.label(line, margin, baseline, { width: promptWidth - gap, size: 13 });
      });
  });
  return picture.toPng();
}
