/** Measuring a toy's points, class by class in turn: sliced W₁ to the teacher's, and their spread. */
import { pointMovement } from '../../../engine/metrics/movement.ts';
import { classSlicedWasserstein, type LabelledPoints } from '../../../engine/metrics/slicedWasserstein.ts';
import { deviationOf, meanOf } from '../../../engine/metrics/spread.ts';
import type { Task } from './measurer.ts';

export function pointTask(classCount: number, count: number): Task {
  const classes = Int32Array.from({ length: count }, (_, i) => i % classCount);
  const labelled = (values: Float32Array): LabelledPoints => ({
    points: { values, count, width: 2 },
    classes,
  });
  const references = new Map<number, { guided: LabelledPoints; unguided: LabelledPoints | undefined }>();
  return {
    request: (seed) => ({ seed, count, condition: { classes } }),
    comparesUnguided: true,
    reference(seed, guided, unguided) {
      references.set(seed, { guided: labelled(guided), unguided: unguided && labelled(unguided) });
      return Promise.resolve();
    },
    values(seed, samples) {
      const { guided, unguided } = references.get(seed) ?? {};
      const points = labelled(samples);
      return Promise.resolve({
        toTeacher: guided ? classSlicedWasserstein(points, guided) : NaN,
        toUnguided: unguided ? classSlicedWasserstein(points, unguided) : NaN,
        mean: meanOf(samples),
        std: deviationOf(samples),
      });
    },
    movement: (_seed, before, after) => pointMovement(before, after, classes),
    dispose: () => references.clear(),
  };
}
