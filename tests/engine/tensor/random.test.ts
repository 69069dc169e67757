import { describe, expect, test } from 'vitest';

import {
  nativeSeeds,
  philox,
  randomIntegers,
  randomNormal,
  randomUniform,
  type RandomKey,
} from '../../../engine/tensor/random.ts';
import { expectClose, Golden } from '../../support/golden.ts';

interface Header {
  readonly keys: readonly RandomKey[];
  readonly seeds: readonly (readonly [number, number])[];
}
const golden = new Golden<Header>('random');

/** The known answers of Salmon et al.'s Random123 for Philox 4×32-10. */
const knownAnswers = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

describe('random draws', () => {
  test.each(knownAnswers)('Philox gives the known answer $words', ({ counter, key, words }) => {
    const block = new Uint32Array(4);
    philox(block, counter, key);
    expect(Array.from(block)).toEqual(words);
  });

  test.each(golden.header.keys.map((key, i) => ({ ...key, i })))(
    'seed $seed, $purpose, step $step: the streams are those of TensorFlow',
    ({ i, ...key }) => {
      expect(nativeSeeds(key)).toEqual(golden.header.seeds[i]);
      expect(randomUniform(key, 257)).toEqual(golden.values(`${i}.uniform`));
      expectClose(randomNormal(key, 257), golden.values(`${i}.normal`), 'normal', 1e-5);
    },
  );

  test('a shorter draw is the beginning of a longer one', () => {
    const key = { seed: 4, purpose: 'noise', step: 2 } as const;
    expect(randomNormal(key, 7)).toEqual(randomNormal(key, 30).slice(0, 7));
    expect(randomUniform(key, 7)).toEqual(randomUniform(key, 30).slice(0, 7));
  });

  test('seed, purpose, step and index each change the draw', () => {
    const key = { seed: 4, purpose: 'noise', step: 2, index: 0 } as const;
    const keys = [
      key,
      { ...key, seed: 5 },
      { ...key, purpose: 'sample' as const },
      { ...key, step: 3 },
      { ...key, index: 1 },
    ];
    const draws = keys.map((one) => Array.from(randomUniform(one, 4)).join());
    expect(new Set(draws).size).toBe(keys.length);
  });

  test('normal draws have mean 0 and variance 1, integers every value alike', () => {
    const count = 40_000;
    const draws = randomNormal({ seed: 1, purpose: 'noise', step: 0 }, count);
    const mean = draws.reduce((a, b) => a + b, 0) / count;
    const variance = draws.reduce((a, b) => a + b * b, 0) / count;
    // Five standard deviations: 1/√n of the mean, √(2/n) of the variance.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    const integers = randomIntegers({ seed: 1, purpose: 'simulation', step: 0 }, count, 5);
    for (let value = 0; value < 5; value++) {
      const share = integers.filter((integer) => integer === value).length / count;
      expect(Math.abs(share - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / count));
    }
  });
});
