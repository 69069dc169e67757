/** Which pictures of the demo set the bundled classifier never saw. */
import { createHash } from 'node:crypto';
import type { Dataset } from '../../engine/data/dataset.ts';

export interface Split {
  /** Indices of pictures to train on, one array for each motif. */
  readonly motifs: readonly (readonly number[])[];
  readonly heldOut: readonly number[];
}

/** "waving hand: dark skin tone" → "waving hand": what pictures in several skin tones show in common. */
export function motifOf(caption: string): string {
  const plain = caption.replaceAll(/(medium-light|medium-dark|medium|light|dark) skin tone/g, '');
  return (plain.match(/[\p{L}\p{N}]+|[#*]/gu) ?? []).join(' ');
}

/** About one motif in ten, by its name alone: a picture added to the set moves no other. */
function isHeldOut(motif: string): boolean {
  return createHash('sha256').update(motif).digest().readUInt32LE() % 10 === 0;
}

/** Holds out whole motifs, in all their skin tones: nothing seen in training comes back in the test. */
export function splitByMotif({ captions }: Dataset): Split {
  const byMotif = [...Map.groupBy(captions.keys(), (index) => motifOf(captions[index] ?? ''))];
  return {
    motifs: byMotif.filter(([motif]) => !isHeldOut(motif)).map(([, indices]) => indices),
    heldOut: byMotif.filter(([motif]) => isHeldOut(motif)).flatMap(([, indices]) => indices),
  };
}
