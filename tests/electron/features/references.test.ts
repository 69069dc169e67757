import { expect, it } from 'vitest';
import { dataSetIdOf, requireReferences } from '../../../electron/features/references.ts';

const id = '018f2f3e-0000-7000-8000-00000000000a';

it('takes what is bundled and the classes of the teacher from a window, and never a path', () => {
  for (const data of ['demo', 'toy', 'classes', `data:${id}`, `prompts:${id}`])
    expect(() => requireReferences({ data })).not.toThrow();
  for (const data of ['/home/me/prompts.txt', 'prompts.txt', 'prompts:mine', `run:${id}`])
    expect(() => requireReferences({ data })).toThrow('none that was chosen here');
});

it('knows the id of chosen pictures and of chosen prompts alike', () => {
  expect([`data:${id}`, `prompts:${id}`, `run:${id}`, 'classes', 'demo'].map(dataSetIdOf)).toEqual([
    id,
    id,
    undefined,
    undefined,
    undefined,
  ]);
});
