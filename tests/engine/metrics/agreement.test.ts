import { describe, expect, it } from 'vitest';
import { balancedAgreement, captionAgreement, classAgreement } from '../../../engine/metrics/agreement.ts';
import { randomUniform } from '../../../engine/tensor/random.ts';
import { features } from './support.ts';

it('class agreement counts pictures; balanced agreement counts classes', () => {
  const wanted = [0, 0, 0, 1];
  const seen = [0, 0, 1, 2];
  expect(classAgreement(seen, wanted)).toBe(0.5);
  expect(balancedAgreement(seen, wanted)).toBeCloseTo((2 / 3 + 0) / 2, 10);
});

describe('captionAgreement', () => {
  // One axis a caption.
  const axes = Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, k) => Number(i === k)));
  const captions = ['apple', 'bus', 'cat', 'dog', 'egg', 'fish'];
  const pool = { captions, embeddings: features(axes) };
  const ranking = { choices: 6, seed: 1 };

  it('is 1 when each picture is on its own caption’s axis, and 0 when each is on another’s', () => {
    expect(captionAgreement(features(axes), pool, pool, ranking)).toBe(1);
    const turned = features([...axes.slice(1), ...axes.slice(0, 1)]);
    expect(captionAgreement(turned, pool, pool, ranking)).toBe(0);
  });

  it('does not count a picture that cannot tell its caption from another', () => {
    const blank = features(axes.map((row) => row.map(() => 1)));
    expect(captionAgreement(blank, pool, pool, ranking)).toBe(0);
  });

  it('never offers a picture its own caption as a wrong choice', () => {
    const twice = { captions: [...captions, ...captions], embeddings: features([...axes, ...axes]) };
    expect(captionAgreement(features(axes), pool, twice, { choices: 12, seed: 1 })).toBe(1);
  });

  it('of random pictures is about one in as many as there are choices', () => {
    const random = (step: number) =>
      features(
        Array.from(randomUniform({ seed: 1, purpose: 'data', step }, 400), (turn) => [
          Math.cos(2 * Math.PI * turn),
          Math.sin(2 * Math.PI * turn),
        ]),
      );
    const many = Array.from({ length: 400 }, (_, i) => `caption ${i}`);
    const own = { captions: many, embeddings: random(1) };
    const share = captionAgreement(random(2), own, own, { choices: 8, seed: 1 });
    // One in eight, give or take four times the binomial deviation of 0.017.
    expect(Math.abs(share - 1 / 8)).toBeLessThan(0.07);
  });
});
