/** What was found in a user's files and what was done with each: the report the Data screen shows. */

import type { Finding } from '../contract/messages/data.ts';

export interface FileNote {
  file: string;
  finding: Finding;
  /** One sentence: what was found and what was done. */
  message: string;
}

export interface ClassCount {
  name: string;
  count: number;
}

export interface DataReport {
  /** Image files found; `used` + `leftOut.length` equals it. */
  found: number;
  used: number;
  leftOut: FileNote[];
  /** Files used with a remark: a small one enlarged, an animation's first frame. */
  remarks: FileNote[];
  classes: ClassCount[];
  /** Sentences about the set as a whole. */
  warnings: string[];
}

/** Counts the classes of the images used, in the order of `classNames`. */
export function classBalance(classes: Int32Array, classNames: readonly string[]): ClassCount[] {
  const counts = new Int32Array(classNames.length);
  for (const index of classes) counts[index] = (counts[index] ?? 0) + 1;
  return classNames.map((name, index) => ({ name, count: counts[index] ?? 0 }));
}

/** What a user should know about the whole set before training on it. */
export function setWarnings(classes: readonly ClassCount[], used: number, withoutCaption: number): string[] {
  const warnings: string[] = [];
  if (used < 50) {
    warnings.push(`Only ${used} images: a model will memorise them. A few hundred or more work better.`);
  }
  const largest = Math.max(...classes.map(({ count }) => count));
  const rare = classes
    .filter(({ count }) => count * 20 < largest)
    .map(({ name, count }) => `${name} (${count})`);
  if (rare.length > 0) warnings.push(`Rare classes, likely to be learnt badly: ${rare.join(', ')}.`);
  if (withoutCaption > 0)
    warnings.push(`${withoutCaption} images have no caption and are known by their class only.`);
  return warnings;
}
