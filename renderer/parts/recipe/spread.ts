/** Positions of labels beside their true places. */

/** The nearest places in order that are at least `gap` apart and within [0, 1], for sorted places. */
export function spread(places: readonly number[], gap: number): number[] {
  let last = -Infinity;
  const pushed = places.map((place) => (last = Math.max(place, last + gap)));
  let next = Infinity;
  return pushed.reduceRight<number[]>((result, place) => {
    next = Math.min(place, 1, next - gap);
    return [next, ...result];
  }, []);
}
