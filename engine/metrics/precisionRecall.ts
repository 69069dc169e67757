/**
 * Improved precision and recall (Kynkäänniemi et al. 2019): how much of one set of features lies within the
 * other's support, estimated as the union of balls that reach each point's k-th nearest neighbour.
 */
import { StudioError } from '../contract/errors.ts';
import { featureRow, requireSameWidth, type Features } from './features.ts';

export interface PrecisionRecall {
  /** Share of generated pictures within the real pictures' support: how right they are. */
  readonly precision: number;
  /** Share of real pictures within the generated pictures' support: how much they cover. */
  readonly recall: number;
}

/** The paper's k. */
const NEIGHBOURS = 3;

/** Compare only at one count: both shares grow with it. The sets should be about equally large. */
export function precisionRecall(real: Features, generated: Features): PrecisionRecall {
  requireSameWidth(real, generated);
  return { precision: shareWithin(real, generated), recall: shareWithin(generated, real) };
}

/** Share of `points` that lie within a ball around some point of `support`. */
function shareWithin(support: Features, points: Features): number {
  const radii = neighbourDistances(support);
  let within = 0;
  for (let i = 0; i < points.count; i++) {
    const point = featureRow(points, i);
    within += Number(radii.some((radius, j) => squaredDistance(point, featureRow(support, j)) <= radius));
  }
  return within / points.count;
}

/** Squared distance of each point to its k-th nearest other point. Throws `internal` where there are not k others. */
function neighbourDistances(features: Features): Float64Array {
  const { count } = features;
  if (count <= NEIGHBOURS) {
    throw new StudioError('internal', `Precision and recall need more than ${NEIGHBOURS} pictures.`);
  }
  const distances = new Float64Array(count);
  return Float64Array.from({ length: count }, (_, i) => {
    const point = featureRow(features, i);
    for (let j = 0; j < count; j++) distances[j] = squaredDistance(point, featureRow(features, j));
    // The nearest of all is the point itself.
    return distances.toSorted()[NEIGHBOURS] ?? NaN;
  });
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? NaN) - (b[i] ?? NaN)) ** 2;
  return sum;
}
