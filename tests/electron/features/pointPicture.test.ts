import sharp from 'sharp';
import { expect, test } from 'vitest';

import { pointPicture } from '../../../electron/features/pointPicture.ts';

const white = [255, 255, 255];
/** hsl(0 70% 45%) and hsl(180 70% 45%). */
const [red, cyan] = [
  [195, 34, 34],
  [34, 195, 195],
];

/** Colours of the picture by (left, top). */
async function drawn(points: readonly number[], classes: readonly number[]) {
  const png = await pointPicture(Float32Array.from(points), classes, 2);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 640, height: 640, channels: 3 });
  return (left: number, top: number) => [...data.subarray(3 * (640 * top + left)).subarray(0, 3)];
}

test('draws points in the colours of their classes, upwards, with the origin in the middle', async () => {
  const at = await drawn([0, 0, 0, 1.5], [0, 1]);
  expect(at(320, 320)).toEqual(red);
  expect(at(320, 320 - 159)).toEqual(cyan);
  expect(at(320, 320 + 159)).toEqual(white);
});

test('draws what is farther at the edge, and leaves out only what is no number', async () => {
  const at = await drawn([NaN, 0, 9, Infinity, 0, 0], [0, 0, 0]);
  expect(at(637, 1)).toEqual(red);
  expect(at(320, 320)).toEqual(red);
  expect(at(1, 320)).toEqual(white);
});
