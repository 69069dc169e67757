import { describe, expect, it } from 'vitest';
import { CaptionTokeniser, normaliseCaption, pad, start, unknown } from '../../../engine/data/captions.ts';

const corpus = [
  'green apple',
  'red apple',
  'red heart',
  'green heart',
  'flag: japan',
  'waving hand: dark skin tone',
];
const pieces = (tokeniser: CaptionTokeniser, text: string) =>
  Array.from(
    tokeniser.encode(text, 32).filter((id) => id !== pad),
    (id) => tokeniser.toJSON().pieces[id],
  );

describe('CaptionTokeniser', () => {
  it('merges the pairs that a hand count finds', () => {
    // Words: ▁aa ×2, ▁ab ×1. Pairs: ▁a ×3, then (▁a)a ×2; (▁a)b occurs once and stays apart.
    const tokeniser = CaptionTokeniser.train(['aa aa ab']);
    expect(tokeniser.toJSON().merges).toEqual([
      ['▁', 'a'],
      ['▁a', 'a'],
    ]);
    expect(tokeniser.toJSON().pieces).toEqual(['<pad>', '<unknown>', '<start>', 'a', '▁', 'b', '▁a', '▁aa']);
    expect(pieces(tokeniser, 'ab aa')).toEqual(['<start>', '▁a', 'b', '▁aa']);
  });

  it('gives the text back, cleaned', () => {
    const tokeniser = CaptionTokeniser.train(corpus);
    for (const text of corpus) expect(tokeniser.decode(tokeniser.encode(text, 64))).toBe(text);
    expect(tokeniser.decode(tokeniser.encode('  GRÉEN   Apple ', 64))).toBe('green apple');
  });

  it('pads and cuts to the length asked for', () => {
    const tokeniser = CaptionTokeniser.train(corpus);
    expect([...tokeniser.encode('', 4)]).toEqual([start, pad, pad, pad]);
    const cut = tokeniser.encode('xylophone qqq zzz', 4);
    expect(cut).toHaveLength(4);
    expect(cut).not.toContain(pad);
    expect(tokeniser.encode('apple', 0)).toHaveLength(0);
  });

  it('marks characters never seen as unknown', () => {
    const tokeniser = CaptionTokeniser.train(['aa aa ab']);
    expect(pieces(tokeniser, 'ab☃')).toEqual(['<start>', '▁a', 'b', '<unknown>']);
    expect([...tokeniser.encode('☃', 4)].filter((id) => id === unknown)).toHaveLength(1);
  });

  it('does not depend on the order of the captions, nor on being saved', () => {
    const trained = CaptionTokeniser.train(corpus, 64);
    const reversed = CaptionTokeniser.train(corpus.toReversed(), 64);
    expect(reversed.toJSON()).toEqual(trained.toJSON());
    const restored = CaptionTokeniser.fromJSON(JSON.parse(JSON.stringify(trained)));
    expect(restored.encode('green heart', 16)).toEqual(trained.encode('green heart', 16));
    expect(trained.vocabulary).toBeLessThanOrEqual(64);
  });

  it('refuses JSON that it did not write', () => {
    const good = CaptionTokeniser.train(corpus).toJSON();
    const bad: unknown[] = [
      null,
      {},
      { ...good, version: 2 },
      { ...good, pieces: ['a'] },
      { ...good, extra: 1 },
    ];
    bad.push({ ...good, merges: [['a']] }, { ...good, pieces: [...good.pieces, 'a'] });
    bad.push({ ...good, merges: [['q', 'q']] });
    for (const json of bad) expect(() => CaptionTokeniser.fromJSON(json)).toThrow(/damaged/);
  });

  it('takes hostile text in linear time', () => {
    const tokeniser = CaptionTokeniser.train(corpus);
    const hostile = [
      'a'.repeat(5_000_000),
      ' :'.repeat(1_000_000),
      '\ud800'.repeat(1_000_000),
      '__proto__ constructor',
    ];
    const begin = performance.now();
    for (const text of hostile) {
      const ids = tokeniser.encode(text, 64);
      expect(ids.every((id) => id >= 0 && id < tokeniser.vocabulary)).toBe(true);
    }
    expect(() => CaptionTokeniser.train(hostile)).not.toThrow();
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('normaliseCaption', () => {
  it('folds case, Latin accents, quotes and spaces, and keeps other scripts', () => {
    expect(normaliseCaption('Côte  d’Ivoire “X”\n')).toBe('cote d\'ivoire "x"');
    expect(normaliseCaption('がっこう')).toBe('がっこう'.normalize('NFKD'));
  });
});
