import { describe } from 'vitest';

import { distributionMatching } from '../../../../engine/distillation/directions/distributionMatching.ts';
import { onEachBackend } from '../../../support/backends.ts';
import { Golden } from '../../../support/golden.ts';

describe('DM', () => {
  onEachBackend((run) => {
    run('is the teacher less the fake score', async () => {
      const golden = new Golden('terms');
      await golden.expectTensor(
        distributionMatching(golden.tensor('in.real'), golden.tensor('in.fake')),
        'dm',
      );
    });
  });
});
