/** The words of the language in use. Components take `language.words`, which follows the setting. */
import type { Language as Choice } from '../../engine/contract/messages/settings.ts';
import { en, type Words } from './en.ts';
import { ja } from './ja.ts';
import { zhCN } from './zh-CN.ts';

export type LanguageTag = Exclude<Choice, 'system'>;

class Language {
  tag = $state<LanguageTag>('en');
  readonly words: Words = $derived(wordsOf(this.tag));

  choose(choice: Choice, wanted: readonly string[] = navigator.languages): void {
    this.tag = choice === 'system' ? closest(wanted) : choice;
    document.documentElement.lang = this.tag;
  }
}

export const language = new Language();

/** A setting's unit in the window's language. */
export function unitOf(info: { readonly unit?: string | undefined } | undefined): string | undefined {
  const { unit } = info ?? {};
  return Object.entries(language.words.fields.units).find(([name]) => name === unit)?.[1] ?? unit;
}

/** The first wanted language that there is; regions do not matter but for Chinese, which is only simplified. */
export function closest(wanted: readonly string[]): LanguageTag {
  for (const tag of wanted) {
    const [base] = tag.toLowerCase().split('-');
    if (base === 'zh') return 'zh-CN';
    if (base === 'ja' || base === 'en') return base;
  }
  return 'en';
}

export function wordsOf(tag: LanguageTag): Words {
  switch (tag) {
    case 'en':
      return en;
    case 'zh-CN':
      return merged(en, zhCN);
    case 'ja':
      return merged(en, ja);
  }
}

/** The complete words with those of the translation in their place. */
function merged<T extends object>(complete: T, translation: object): T {
  const result = { ...complete };
  for (const [name, value] of Object.entries(translation) as [keyof T, T[keyof T]][]) {
    const original = complete[name];
    result[name] =
      typeof value === 'object' && value !== null && typeof original === 'object' && original !== null
        ? merged(original, value)
        : value;
  }
  return result;
}
