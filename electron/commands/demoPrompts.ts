/** Captions of the demo set that the demo shows: some of every kind, and two that differ in one word. */

/** One row each of the comparison. */
export const shownCaptions = [
  'grinning face',
  'loudly crying face',
  'panda',
  'green apple',
  'red apple',
  'flag: france',
  'man health worker',
  'waving hand: medium skin tone',
  'red heart',
  'blue heart',
  'twelve o’clock',
  'santa claus',
] as const;

/** The strips through time. */
export const previewCaptions = shownCaptions.slice(0, 8);
