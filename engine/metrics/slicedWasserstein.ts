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

/** Sorted projections of a set onto each direction. */
type Projections = readonly Float64Array[];

/** Of sets that were compared, by class: one is often compared with many. */
const known = new WeakMap<LabelledPoints, ReadonlyMap<number, Projections>>();

/**
 * Mean over the classes of the sliced W₁ distance between both sets' points of that class, so that right places
 * under wrong labels count as wrong. The sets must not change afterwards. Throws `internal` where one set lacks a
 * class of the other.
 */
export function classSlicedWasserstein(a: LabelledPoints, b: LabelledPoints): number {
  requireSameWidth(a.points, b.points);
  const [classesA, classesB] = [byClass(a), byClass(b)];
  const classes = new Set([...classesA.keys(), ...classesB.keys()]);
  let sum = 0;
  for (const label of classes) {
    const [ofA, ofB] = [classesA.get(label), classesB.get(label)];
    if (!ofA || !ofB)
      throw new StudioError('internal', `Only one of two compared sets has points of class ${label}.`);
    sum += meanDistance(ofA, ofB);
  }
  return sum / classes.size;
}

/** Mean over fixed random directions of the W₁ distance between the projections. */
export function slicedWasserstein(a: Features, b: Features): number {
  requireSameWidth(a, b);
  return meanDistance(project(a), project(b));
}

const meanDistance = (a: Projections, b: Projections): number =>
  a.reduce((sum, along, i) => sum + wasserstein1(along, b[i] ?? new Float64Array()), 0) / a.length;

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

function byClass(set: LabelledPoints): ReadonlyMap<number, Projections> {
  const kept = known.get(set);
  if (kept) return kept;
  const { points, classes } = set;
  const rows = Map.groupBy(Array(points.count).keys(), (i) => classes[i] ?? NaN);
  const made = new Map([...rows].map(([label, indices]) => [label, project(selectRows(points, indices))]));
  known.set(set, made);
  return made;
}

/** The points' coordinates along each direction, sorted. */
function project({ values, count, width }: Features): Projections {
  return Array.from({ length: DIRECTIONS }, (_, index) => {
    const direction = unitDirection(index, width);
    const along = new Float64Array(count);
    for (let i = 0, at = 0; i < count; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (values[at++] ?? NaN) * (direction[k] ?? 0);
      along[i] = sum;
    }
    return along.sort();
  });
}

function unitDirection(index: number, width: number): Float64Array {
  const draws = Float64Array.from(randomNormal({ seed: SEED, purpose: 'sample', step: index }, width));
  const length = Math.hypot(...draws);
  return draws.map((value) => value / length);
}
