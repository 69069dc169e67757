/** Where a distillation would draw real samples, for one that draws none. */
import type { BatchSource } from '../../engine/training/sources.ts';

export const withoutPictures: BatchSource = () => {
  throw new Error('this distillation asked for real samples');
};
