/** One run through time as a PNG: a column for each sampled iteration, a meter of x_std under each. */
import { formatNumber } from '../../terminal/quantities.ts';
import type { Strip } from './comparison.ts';
import { enlargement, PixelPicture } from './pixelPicture.ts';

const margin = 24;
const gap = 8;
const titleHeight = 64;
const meterHeight = 8;
const footHeight = 56;

/** Images in [−1, 1] have no larger standard deviation unless they leave the range. */
export const largestStd = 1;

/** `dataStd` is marked on the meters. */
export async function stripPicture({ label, description, frames }: Strip, dataStd?: number): Promise<Buffer> {
  const first = frames[0];
  if (!first) throw new RangeError(`${label} has no frame.`);
  const { count, height: imageHeight, width: imageWidth } = first.images;
  const scale = enlargement(Math.max(imageHeight, imageWidth), 96);
  const [cellWidth, cellHeight] = [imageWidth * scale, imageHeight * scale];
  const width = 2 * margin + frames.length * (cellWidth + gap) - gap;
  const top = margin + titleHeight;
  const bottom = top + count * (cellHeight + gap);
  const picture = new PixelPicture(width, bottom + footHeight + margin - gap);
  picture.label(label, margin, margin + 16, { width: width - 2 * margin, size: 18, bold: true });
  picture.label(description, margin, margin + 38, { width: width - 2 * margin, size: 12, colour: '#6b6b6b' });
  frames.forEach(({ iteration, images, xStd }, index) => {
    const left = margin + index * (cellWidth + gap);
    for (let row = 0; row < count; row++) {
      picture.image(images, row, left, top + row * (cellHeight + gap), scale);
    }
    const share = Math.min(1, Math.max(0, Number.isFinite(xStd) ? xStd / largestStd : 0));
    picture.bar(left, bottom, cellWidth, meterHeight, '#e6e6e6');
    if (share > 0)
      picture.bar(left, bottom, Math.max(meterHeight, cellWidth * share), meterHeight, '#b4531f');
    if (dataStd !== undefined) {
      picture.bar(left + cellWidth * (dataStd / largestStd) - 1, bottom - 3, 2, meterHeight + 6, '#1b1b1b');
    }
    picture.label(`std ${formatNumber(xStd)}`, left, bottom + 26, { width: cellWidth, size: 12 });
    picture.label(`iteration ${iteration}`, left, bottom + 43, {
      width: cellWidth,
      size: 11,
      colour: '#6b6b6b',
    });
  });
  return picture.toPng();
}
