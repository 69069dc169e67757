/** Values as people type them: `1e-4, 3e-4` are numbers, `coupled-shared` is a word. */
export function valuesOf(text: string): (number | string)[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => (Number.isNaN(Number(word)) ? word : Number(word)));
}

/** Different whole numbers from 0 on, 30 at most; undefined for anything else. */
export function seedsOf(text: string): number[] | undefined {
  const seeds = valuesOf(text);
  const areRight = seeds.every((seed) => typeof seed === 'number' && Number.isInteger(seed) && seed >= 0);
  if (!areRight || seeds.length === 0 || seeds.length > 30 || new Set(seeds).size < seeds.length)
    return undefined;
  return seeds.map(Number);
}
