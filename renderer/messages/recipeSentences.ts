/** What a recipe's checks say, which is English, in the window's language. */
import { recipeLeaves } from '../../engine/contract/recipeProblems.ts';
import { en } from './en.ts';
import { language } from './language.svelte.ts';

/** @param path of the setting; what is not known stays as it is. */
export function recipeSentence(path: string, message: string): string {
  const { sentences, needs, unknown } = language.words.fields;
  if (message === en.fields.unknown) return unknown;
  const bounds = recipeLeaves.find((leaf) => leaf.path === path)?.bounds;
  if (bounds && message === en.fields.needs(bounds)) return needs(bounds);
  return sentences[message] ?? message;
}
