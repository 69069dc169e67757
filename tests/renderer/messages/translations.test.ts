/** Every language has every word, as the same kind of thing: nobody meets a stray English sentence. */
import { describe, expect, it } from 'vitest';
import { en } from '../../../renderer/messages/en.ts';
import { ja } from '../../../renderer/messages/ja.ts';
import { zhCN } from '../../../renderer/messages/zh-CN.ts';

/** Each word by its path with what it is, e.g. `teacher.steps: string` or `teacher.used: function`. */
function shapeOf(words: object, at: string): string[] {
  return Object.entries(words).flatMap(([name, word]: [string, unknown]) => {
    const path = `${at}${name}`;
    if (typeof word === 'object' && word !== null) return shapeOf(word, `${path}.`);
    return typeof word === 'function' ? `${path}: function` : `${path}: ${typeof word}`;
  });
}

describe.each([
  ['zh-CN', zhCN],
  ['ja', ja],
])('%s', (_, translation) => {
  it('has every word of English and no other', () => {
    expect(shapeOf(translation, '').sort()).toEqual(shapeOf(en, '').sort());
  });
});
