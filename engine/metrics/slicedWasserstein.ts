/** Sliced Wasserstein distance (Rabin et al. 2011; Bonneel et al. 2015) between labelled point sets, for the toys. */
import { StudioError } from '../contract/errors.ts';
import { randomNormal } from '../tensor/random.ts';
import { requireSameWidth, selectRows, type Features } from './features.ts';

export interface LabelledPoints {
  readonly points: Features;
  /** One class a point. */
  readonly classes: ArrayLike<number>;
}

/** Directions onto which the points are projected: the same in every call, so distances can be compared. */
const DIRECTIONS = 64;
const SEED = 0;

/**
 * Mean over the classes of the sliced W₁ distance between both sets' points of that class, so that right places
 * under wrong labels count as wrong. Throws `internal` where one set lacks a class of the other.
 */
export function classSlicedWasserstein(a: LabelledPoints, b: LabelledPoints): number {
  const [pointsA, pointsB] = [byClass(a), byClass(b)];
  const classes = new Set([...pointsA.keys(), ...pointsB.keys()]);
  let sum = 0;
  for (const label of classes) {
    const [ofA, ofB] = [pointsA.get(label), pointsB.get(label)];
    if (!ofA || !ofB)
      throw new StudioError('internal', `Only one of two compared sets has points of class ${label}.`);
    sum += slicedWasserstein(ofA, ofB);
  }
  return sum / classes.size;
}

/** Mean over fixed random directions of the W₁ distance between the projections. */
export function slicedWasserstein(a: Features, b: Features): number {
  requireSameWidth(a, b);
  let sum = 0;
  for (let index = 0; index < DIRECTIONS; index++) {
    const direction = unitDirection(index, a.width);
    sum += wasserstein1(project(a, direction), project(b, direction));
  }
  return sum / DIRECTIONS;
}

/** ∫ |F_a⁻¹(q) − F_b⁻¹(q)| dq over q in [0, 1], exact for samples of any two sizes; both sorted. */
export function wasserstein1(a: Float64Array, b: Float64Array): number {
  let [i, j, reached, sum] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const gap = Math.abs((a[i] ?? NaN) - (b[j] ?? NaN));
    // Compared as whole numbers, so that steps that coincide are never missed by rounding.
    const [endA, endB] = [(i + 1) * b.length, (j + 1) * a.length];
    const end = Math.min(endA, endB);
    sum += gap * (end - reached);
    reached = end;
    if (endA === end) i++;
    if (endB === end) j++;
  }
  return sum / (a.length * b.length);
}

function byClass({ points, classes }: LabelledPoints): Map<number, Features> {
  const rows = Map.groupBy(Array(points.count).keys(), (i) => classes[i] ?? NaN);
  return new Map([...rows].map(([label, indices]) => [label, selectRows(points, indices)]));
}

function unitDirection(index: number, width: number): Float64Array {
  const draws = Float64Array.from(randomNormal({ seed: SEED, purpose: 'sample', step: index }, width));
  const length = Math.hypot(...draws);
  return draws.map((value) => value / length);
}

/** The points' coordinates along a direction, sorted. */
function project({ values, count, width }: Features, direction: Float64Array): Float64Array {
  const along = new Float64Array(count);
  for (let i = 0; i < count * width; i++) {
    const row = Math.floor(i / width);
    along[row] = (along[row] ?? 0) + (values[i] ?? NaN) * (direction[i % width] ?? 0);
  }
  return along.sort();
}
