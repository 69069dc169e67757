/** What a teacher is called: the bundled ones in the window's language. */
import type { Teacher } from '../../../engine/contract/messages/teachers.ts';
import type { Words } from '../../messages/en.ts';

export function nameOf({ teacher, name }: Teacher, words: Words['teacher']): string {
  return teacher === 'emoji' || teacher === 'toy' ? words.names[teacher] : name;
}
