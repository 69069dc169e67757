/** What a node of the lineage is called: what comes with Stillroom in the window's language. */
import type { LibraryNode } from '../../../engine/contract/messages/library.ts';
import type { Words } from '../../messages/en.ts';

export function nodeName({ key, name }: Pick<LibraryNode, 'key' | 'name'>, words: Words): string {
  const bundled: Readonly<Record<string, string>> = {
    'data:demo': words.data.names.demo,
    'data:toy': words.data.names.toy,
    'data:classes': words.recipe.bundledData.classes,
    'teacher:emoji': words.teacher.names.emoji,
    'teacher:toy': words.teacher.names.toy,
  };
  return bundled[key] ?? name;
}
