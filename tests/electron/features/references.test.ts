import { expect, it } from 'vitest';
import { requireReferences } from '../../../electron/features/references.ts';

it('takes what is bundled and the classes of the teacher from a window, and never a path', () => {
  for (const data of ['demo', 'toy', 'classes', 'data:018f2f3e-0000-7000-8000-00000000000a'])
    expect(() => requireReferences({ data })).not.toThrow();
  for (const data of ['/home/me/prompts.txt', 'prompts.txt', 'run:018f2f3e-0000-7000-8000-00000000000a'])
    expect(() => requireReferences({ data })).toThrow('none that was chosen here');
});
