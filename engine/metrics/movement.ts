/** How far samples moved, and which share of that is coarse: composition and colour rather than detail. */

/** Coarse is what the means over a picture's blocks do, or over the points of a class. */
export interface Movement {
  /** Root mean square of the change. */
  readonly moved: number;
  /** Of its energy, the share in the means; 0 where nothing moved. */
  readonly coarse: number;
}

/** Blocks along a picture's side. */
const BLOCKS = 4;

/** @param before and `after` (N, side, side, channels), the same pictures in the same order. */
export function imageMovement(
  before: Float32Array,
  after: Float32Array,
  side: number,
  channels = 3,
): Movement {
  return movement(before, after, (i) => {
    const pixel = Math.floor(i / channels);
    const [x, y, image] = [pixel % side, Math.floor(pixel / side) % side, Math.floor(pixel / side / side)];
    const at = (pixels: number) => Math.floor((pixels * BLOCKS) / side);
    const block = (image * BLOCKS + at(y)) * BLOCKS + at(x);
    return block * channels + (i % channels);
  });
}

/** @param before and `after` (N, 2); one class a point. */
export function pointMovement(
  before: Float32Array,
  after: Float32Array,
  classes: ArrayLike<number>,
): Movement {
  return movement(before, after, (i) => 2 * (classes[i >> 1] ?? 0) + (i % 2));
}

function movement(before: Float32Array, after: Float32Array, groupOf: (index: number) => number): Movement {
  const groups = new Map<number, { sum: number; count: number }>();
  let energy = 0;
  for (let i = 0; i < after.length; i++) {
    const change = (after[i] ?? NaN) - (before[i] ?? NaN);
    energy += change * change;
    const group = groups.get(groupOf(i)) ?? { sum: 0, count: 0 };
    group.sum += change;
    group.count++;
    groups.set(groupOf(i), group);
  }
  let coarse = 0;
  for (const { sum, count } of groups.values()) coarse += (sum * sum) / count;
  return { moved: Math.sqrt(energy / after.length), coarse: energy === 0 ? 0 : coarse / energy };
}
