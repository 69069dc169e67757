/** How the toy study measures points: distances to the teacher's samples, and their spread. */
import { classSlicedWasserstein, type LabelledPoints } from '../../engine/metrics/slicedWasserstein.ts';
import { deviationOf } from '../../engine/metrics/spread.ts';
import type { Samples } from '../../engine/sampling/sampler.ts';

/** The teacher's samples at 50 steps. */
export interface References {
  readonly guided: LabelledPoints;
  readonly unguided: LabelledPoints;
}

export interface Measurement {
  /** Class-conditional sliced W₁ to the guided teacher. */
  readonly toGuided: number;
  /** The same to the unguided teacher. */
  readonly toUnguided: number;
  /** Standard deviation over all coordinates. */
  readonly deviation: number;
}

/** `count` samples, class by class in turn. */
export const classesInTurn = (count: number, classCount: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => i % classCount);

export const labelled = ({ values }: Samples, classes: Int32Array): LabelledPoints => ({
  points: { values, count: classes.length, width: 2 },
  classes,
});

export function measure(sample: LabelledPoints, { guided, unguided }: References): Measurement {
  return {
    toGuided: classSlicedWasserstein(sample, guided),
    toUnguided: classSlicedWasserstein(sample, unguided),
    deviation: deviationOf(sample.points.values),
  };
}
