import { describe, expect } from 'vitest';

import { prefixed } from '../../../engine/model/parameters.ts';
import type { NamedTensors } from '../../../engine/tensor/residentState.ts';
import { tensor1d } from '../../../engine/tensor/tf.ts';
import { adamFeed, adamW, zeroMoments, type AdamWConfig } from '../../../engine/training/optimizers.ts';
import { onEachBackend } from '../../support/backends.ts';
import { Golden } from '../../support/golden.ts';

interface Header {
  readonly adam: AdamWConfig;
  readonly rates: readonly number[];
  readonly decay: number;
}

describe('AdamW', () => {
  onEachBackend((run) => {
    run('five steps with a clip, a decay and an average are those of torch.optim.AdamW', async () => {
      const golden = new Golden<Header>('training');
      const { adam, rates, decay } = golden.header;
      const start = golden.named('start');
      let state: NamedTensors = { ...start, ...zeroMoments(start), ...prefixed('ema', start) };
      for (const [step, rate] of rates.entries()) {
        const schedule = adamFeed(adam, rate, step + 1, decay);
        const gradients = golden.named(`${step}.gradient`);
        const { next, gradientNorm } = adamW(adam, state, gradients, schedule);
        const weights = Object.fromEntries(Object.entries(next).filter(([name]) => name in start));
        state = { ...state, ...next };
        await golden.expectTensor(gradientNorm, `${step}.norm`);
        await golden.expectNamed(weights, `${step}.weight`);
        for (const name of golden.names(`${step}.ema`)) {
          await golden.expectTensor(state[`ema.${name}`], `${step}.ema.${name}`);
        }
      }
    });

    run.each([NaN, Infinity])('a gradient of %s changes no weight and poisons no moment', async (bad) => {
      const { adam } = new Golden<Header>('training').header;
      const start = { w: tensor1d([1, 2]) };
      const state = { ...start, ...zeroMoments(start) };
      const { next, gradientNorm } = adamW(adam, state, { w: tensor1d([bad, 1]) }, adamFeed(adam, 0.1, 1));
      expect(Number.isFinite((await gradientNorm.data())[0])).toBe(false);
      expect(Array.from((await next['w']?.data()) ?? [])).toEqual([1, 2]);
      expect(Array.from((await next['first.w']?.data()) ?? [])).toEqual([0, 0]);
      expect(Array.from((await next['second.w']?.data()) ?? [])).toEqual([0, 0]);
    });
  });
});
