/** Whether pictures show what was asked for, as the classifier sees it. */
import { randomUniform } from '../tensor/random.ts';
import { featureRow, type Features } from './features.ts';

/** Share of pictures whose predicted class is the one asked for. */
export function classAgreement(predictions: ArrayLike<number>, classes: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < classes.length; i++) right += Number(predictions[i] === classes[i]);
  return right / classes.length;
}

/** The same as the mean over the classes that occur, so that a frequent class does not hide a rare one. */
export function balancedAgreement(predictions: ArrayLike<number>, classes: ArrayLike<number>): number {
  const byClass = Map.groupBy(Array.from(classes).keys(), (i) => classes[i]);
  const shares = Array.from(byClass.values(), (rows) =>
    classAgreement(
      rows.map((i) => predictions[i] ?? -1),
      rows.map((i) => classes[i] ?? -1),
    ),
  );
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Captions and their unit vectors. */
export interface CaptionPool {
  readonly captions: readonly string[];
  readonly embeddings: Features;
}

export interface CaptionRanking {
  /** Captions that each picture chooses from, its own included; guessing is right once in as many. */
  readonly choices: number;
  readonly seed: number;
}

/** Picture `i` chooses from its own caption and 31 others: a guess is right in 3 % of the cases. */
export const standardRanking: CaptionRanking = { choices: 32, seed: 0 };

/**
 * Share of pictures that are nearer (by cosine) to their own caption than to each of `choices` − 1 different ones,
 * drawn from the pool by a fixed seed.
 *
 * @param images unit vectors of the pictures, one for each of `own.captions`.
 */
export function captionAgreement(
  images: Features,
  own: CaptionPool,
  pool: CaptionPool,
  { choices, seed }: CaptionRanking = standardRanking,
): number {
  let right = 0;
  for (let i = 0; i < images.count; i++) {
    const image = featureRow(images, i);
    const wanted = dot(image, featureRow(own.embeddings, i));
    const others = otherCaptions(pool.captions, own.captions[i] ?? '', choices - 1, seed, i);
    right += Number(others.every((other) => dot(image, featureRow(pool.embeddings, other)) < wanted));
  }
  return right / images.count;
}

/** Indices of up to `count` distinct captions of the pool that differ from `own`. */
function otherCaptions(
  pool: readonly string[],
  own: string,
  count: number,
  seed: number,
  row: number,
): number[] {
  const draws = randomUniform({ seed, purpose: 'condition', step: row }, 2 * count + 16);
  const taken = new Map([[own, -1]]);
  for (const draw of draws) {
    const index = Math.floor(draw * pool.length);
    const caption = pool[index] ?? '';
    if (taken.size <= count && !taken.has(caption)) taken.set(caption, index);
  }
  return [...taken.values()].slice(1);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
