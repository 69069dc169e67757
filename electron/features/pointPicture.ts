/** Points of a toy as a picture: one dot a point, one hue a class. */
import { PixelPicture } from './comparison/pixelPicture.ts';

const side = 640;
/** The toys have unit deviation, so nearly all of their points lie within; others are drawn at the edge. */
const reach = 3;
const dot = 4;

/** @param points (N, 2); @param classes one a point, below `classCount`. */
export async function pointPicture(
  points: Float32Array,
  classes: ArrayLike<number>,
  classCount: number,
): Promise<Buffer> {
  const picture = new PixelPicture(side, side);
  const place = (value = NaN) => ((Math.max(-1, Math.min(1, value / reach)) + 1) * (side - dot)) / 2;
  for (let i = 0; i < points.length / 2; i++) {
    const hue = Math.round((360 * (classes[i] ?? 0)) / classCount);
    picture.bar(place(points[2 * i]), side - dot - place(points[2 * i + 1]), dot, dot, `hsl(${hue} 70% 45%)`);
  }
  return picture.toPng();
}
