/** Where trainings draw their data from: on the host, each a pure function of the draw's number. */
import type { HostCondition } from '../model/conditions.ts';

/** What a training step sees. */
export interface HostBatch {
  /** (B, ...sampleShape), images in [−1, 1]. */
  readonly x1: Float32Array;
  readonly condition: HostCondition;
}

/** The conditions of a batch. */
export type ConditionSource = (draw: number, count: number) => HostCondition;

/** Real samples with their conditions. */
export type BatchSource = (draw: number, count: number) => HostBatch;
