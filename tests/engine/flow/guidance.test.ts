import { describe } from 'vitest';

import { guided } from '../../../engine/flow/guidance.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';

describe('guidance', () => {
  onEachBackend((run) => {
    run('is s(∅) + α(s(c) − s(∅)); α = 1 leaves s(c) and α = 0 leaves s(∅)', async () => {
      const golden = new Golden('terms');
      const [real, empty] = [golden.tensor('in.real'), golden.tensor('in.empty')];
      await golden.expectTensor(guided(real, empty, 2.5), 'guided');
      await golden.expectTensor(guided(real, empty, 1), 'in.real');
      await golden.expectTensor(guided(real, empty, 0), 'in.empty');
    });
  });
});
