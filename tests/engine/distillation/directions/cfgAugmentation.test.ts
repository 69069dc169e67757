import { describe, expect } from 'vitest';

import { cfgAugmentation } from '../../../../engine/distillation/directions/cfgAugmentation.ts';
import { distributionMatching } from '../../../../engine/distillation/directions/distributionMatching.ts';
import { guided } from '../../../../engine/flow/guidance.ts';
import { onEachBackend } from '../../../support/backends.ts';
import { expectClose, Golden } from '../../../support/golden.ts';

describe('CA', () => {
  onEachBackend((run) => {
    run('is what guidance adds to DM (Eq 6)', async () => {
      const golden = new Golden('terms');
      const [real, empty, fake] = ['real', 'empty', 'fake'].map((name) => golden.tensor(`in.${name}`));
      if (!real || !empty || !fake) throw new Error('the golden lacks an input');
      const direction = cfgAugmentation(real, empty, 2.5);
      await golden.expectTensor(direction, 'ca');
      const ordinaryDmd = guided(real, empty, 2.5).sub(fake); // Eq 3
      const sum = distributionMatching(real, fake).add(direction);
      expectClose(await sum.data(), await ordinaryDmd.data());
    });

    run('vanishes at α = 1', async () => {
      const golden = new Golden('terms');
      const direction = cfgAugmentation(golden.tensor('in.real'), golden.tensor('in.empty'), 1);
      expect(new Set((await direction.data()).map(Math.abs))).toEqual(new Set([0]));
    });
  });
});
