import { expect, test } from 'vitest';
import { imageMovement, pointMovement } from '../../../engine/metrics/movement.ts';

const side = 8;
const picture = (value: (x: number, y: number) => number) =>
  Float32Array.from({ length: side * side * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % side, Math.floor(pixel / side));
  });
const grey = picture(() => 0);

test('a picture that grows brighter moved coarsely, one that becomes a chessboard in detail alone', () => {
  expect(
    imageMovement(
      grey,
      picture(() => 0.5),
      side,
    ),
  ).toEqual({ moved: 0.5, coarse: 1 });
  const board = picture((x, y) => ((x + y) % 2 === 0 ? 0.5 : -0.5));
  expect(imageMovement(grey, board, side)).toEqual({ moved: 0.5, coarse: 0 });
});

test('half coarse, half detail: the energies add up', () => {
  // 1 ± 1 in turn: the blocks' means are 1, the rest is ±1.
  const both = picture((x, y) => ((x + y) % 2 === 0 ? 2 : 0));
  expect(imageMovement(grey, both, side)).toEqual({ moved: Math.sqrt(2), coarse: 0.5 });
  expect(imageMovement(grey, grey, side)).toEqual({ moved: 0, coarse: 0 });
});

test('points: a class that shifts moved coarsely, one that spreads about its mean in detail', () => {
  const before = Float32Array.of(0, 0, 0, 0, 5, 5, 5, 5);
  const classes = [0, 0, 1, 1];
  const shifted = Float32Array.of(3, 4, 3, 4, 5, 5, 5, 5);
  expect(pointMovement(before, shifted, classes)).toEqual({ moved: Math.sqrt(50 / 8), coarse: 1 });
  const spread = Float32Array.of(1, 0, -1, 0, 5, 6, 5, 4);
  expect(pointMovement(before, spread, classes)).toEqual({ moved: Math.sqrt(4 / 8), coarse: 0 });
});
