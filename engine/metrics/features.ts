/** Rows of numbers that stand for pictures; every metric of features takes them. */
import { StudioError } from '../contract/errors.ts';

export interface Features {
  /** (count × width), row-major. */
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

export const featureRow = ({ values, width }: Features, index: number): Float32Array =>
  values.subarray(index * width, (index + 1) * width);

/** The rows of the given indices, copied. */
export function selectRows(features: Features, indices: ArrayLike<number>): Features {
  const { width } = features;
  const values = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    values.set(featureRow(features, indices[row] ?? 0), row * width);
  }
  return { values, count: indices.length, width };
}

/** Throws `internal` unless both are rows of one width. */
export function requireSameWidth(a: Features, b: Features): void {
  if (a.width !== b.width) {
    throw new StudioError(
      'internal',
      `Features of width ${a.width} cannot be compared with width ${b.width}.`,
    );
  }
}
