import { describe } from 'vitest';

import { proxyGradient, proxyLoss } from '../../../engine/distillation/proxyLoss.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';

describe('the proxy loss', () => {
  onEachBackend((run) => {
    run('value and gradient are those of ½·mean‖x − stop(x + Δ)‖² by automatic differentiation', async () => {
      const golden = new Golden('terms');
      await golden.expectTensor(proxyLoss(golden.tensor('dm')), 'proxy.value');
      await golden.expectTensor(proxyGradient(golden.tensor('dm')), 'proxy.gradient');
    });
  });
});
