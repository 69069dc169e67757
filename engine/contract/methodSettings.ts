/** Which settings a method reads; the others keep their values and have no influence. */
import type { DistillationMethod } from './baselineFields.ts';

const matching = [
  'cfgAugmentation',
  'distributionMatching',
  'meanVariance',
  'gan',
  'renoising',
  'fakeScore',
] as const;

/** Sections and settings of the recipe that the method leaves alone. */
const unused: Readonly<Record<DistillationMethod, readonly string[]>> = {
  'decoupled-dmd': ['phased', 'consistency', 'progressive'],
  phased: ['meanVariance', 'gan', 'consistency', 'progressive'],
  consistency: [...matching, 'phased', 'progressive', 'supervision.retunes'],
  progressive: [...matching, 'phased', 'consistency', 'supervision.retunes'],
};

/** @param path dotted, e.g. `consistency.levels`, or a section's name. */
export const usesSetting = (method: DistillationMethod, path: string): boolean =>
  !unused[method].some((section) => path === section || path.startsWith(`${section}.`));
