/** An experiment's title and claim in the window's language; its own where the language has none. */
import type { language } from '../../messages/language.svelte.ts';

type Words = (typeof language)['words']['experiments'];

export const titleOf = ({ titles }: Words, id: string | null, own: string): string =>
  Object.entries(titles).find(([name]) => name === id)?.[1] ?? own;

export const claimOf = ({ claims }: Words, id: string | null, own: string): string =>
  Object.entries(claims).find(([name]) => name === id)?.[1] ?? own;
