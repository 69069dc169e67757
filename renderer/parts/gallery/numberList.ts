/** Whole numbers as people type them: `1-4, 17`. */

/** Undefined where the text is none; without repeats, in the order typed. */
export function parseNumbers(
  text: string,
  { least, most, atMost }: { readonly least: number; readonly most: number; readonly atMost: number },
): number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(/[,\s、，]+/).filter((piece) => piece !== '')) {
    const [, from = '', to = from] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === '' || first < least || last > most || last < first || last - first >= atMost)
      return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers.size > atMost ? undefined : [...numbers];
}
