/** Points of a toy as a picture: one dot a point, one hue a class. */
import sharp from 'sharp';

const side = 640;
/** The toys have unit deviation, so nearly all of their points lie within; others are drawn at the edge. */
const reach = 3;
const dot = 4;

/** @param points (N, 2), not drawn where they are no numbers; @param classes one a point, below `classCount`. */
export async function pointPicture(
  points: Float32Array,
  classes: ArrayLike<number>,
  classCount: number,
): Promise<Buffer> {
  const place = (value: number) => ((Math.max(-1, Math.min(1, value / reach)) + 1) * (side - dot) + dot) / 2;
  // One line a class, of no length at each of its points: drawn several times as fast as a mark for each point.
  const dots = Array.from({ length: classCount }, (): string[] => []);
  for (let i = 0; i < points.length / 2; i++) {
    const [x = NaN, y = NaN] = points.subarray(2 * i, 2 * i + 2);
    if (!Number.isNaN(x) && !Number.isNaN(y))
      dots[classes[i] ?? 0]?.push(`M${place(x)} ${side - place(y)}h0`);
  }
  const lines = dots.map((line, label) => {
    const hue = Math.round((360 * label) / classCount);
    return `<path stroke="hsl(${hue} 70% 45%)" d="${line.join('')}"/>`;
  });
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"` +
    ` stroke-width="${dot}" stroke-linecap="round">${lines.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: 'white' }).png().toBuffer();
}
