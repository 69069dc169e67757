/** Sentences about settings, found by the setting's path. */
export function byPath(
  sentences: readonly { readonly path: string; readonly message: string }[],
): ReadonlyMap<string, string> {
  return new Map(sentences.map(({ path, message }) => [path, message]));
}
