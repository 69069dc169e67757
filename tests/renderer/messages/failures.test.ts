/** Each kind of fault has a name in each language, which no other kind has. */
import { expect, it } from 'vitest';
import { studioErrorCodes } from '../../../engine/contract/errors.ts';
import { shell as en } from '../../../renderer/messages/en/shell.ts';
import { shell as ja } from '../../../renderer/messages/ja/shell.ts';
import { shell as zhCN } from '../../../renderer/messages/zh-CN/shell.ts';

it.each([
  ['en', en],
  ['zh-CN', zhCN],
  ['ja', ja],
])('%s names every kind of fault', (tag, { failures = {} }) => {
  expect(Object.keys(failures).sort()).toEqual([...studioErrorCodes].sort());
  const names = Object.values(failures);
  expect(new Set(names).size).toBe(names.length);
  // English letters would be an untranslated name.
  if (tag !== 'en') for (const name of names) expect(name).toMatch(/^[^a-z]+$/i);
});
