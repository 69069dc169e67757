/** Conditions on the host, and their way into a step's feeds. */
import type { Condition, Conditioning } from './network.ts';
import type { NamedTensors } from '../tensor/residentState.ts';
import { tensor1d, tensor2d, type Tensor1D, type Tensor2D } from '../tensor/tf.ts';

export interface HostCondition {
  /** (B); the number of classes stands for "any class". */
  readonly classes?: Int32Array;
  /** (B × L), 0 is padding; all padding is the empty caption. */
  readonly captions?: Int32Array;
}

/**
 * The condition with some samples emptied: below `both` of the uniform draws (B) class and caption, in the next
 * `classAlone` of them the class.
 */
export function dropConditions(
  { classes: classCount, captionLength }: Conditioning,
  { classes, captions }: HostCondition,
  draws: Float32Array,
  { both, classAlone }: { readonly both: number; readonly classAlone: number },
): HostCondition {
  const isBelow = (sample: number, share: number) => (draws[sample] ?? 1) < share;
  const classShare = captions ? both + classAlone : both;
  return {
    ...(classes && { classes: classes.map((index, i) => (isBelow(i, classShare) ? classCount : index)) }),
    ...(captions && {
      captions: captions.map((id, i) => (isBelow(Math.floor(i / captionLength), both) ? 0 : id)),
    }),
  };
}

/** The conditions of the given samples, in that order. */
export function selectConditions(
  { captionLength }: Conditioning,
  { classes, captions }: HostCondition,
  samples: readonly number[],
): HostCondition {
  const row = (sample: number) => [
    ...(captions ?? []).slice(sample * captionLength, (sample + 1) * captionLength),
  ];
  return {
    ...(classes && { classes: Int32Array.from(samples, (sample) => classes[sample] ?? 0) }),
    ...(captions && { captions: Int32Array.from(samples.flatMap(row)) }),
  };
}

/** The feeds `classes` and `captions` that the network takes; what it does not take is left out. */
export function conditionFeeds(
  { classes, captionLength }: Conditioning,
  condition: HostCondition,
): NamedTensors {
  const feeds: NamedTensors = {};
  if (classes > 0 && condition.classes) feeds['classes'] = tensor1d(condition.classes, 'int32');
  if (captionLength > 0 && condition.captions) {
    const batch = condition.captions.length / captionLength;
    feeds['captions'] = tensor2d(condition.captions, [batch, captionLength], 'int32');
  }
  return feeds;
}

/** The condition that `conditionFeeds` fed. */
export function conditionOf(feeds: NamedTensors): Condition {
  return {
    ...(feeds['classes'] && { classes: feeds['classes'] as Tensor1D }),
    ...(feeds['captions'] && { captions: feeds['captions'] as Tensor2D }),
  };
}
