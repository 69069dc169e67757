import { beforeAll, describe, expect, it } from 'vitest';
import { CaptionTokeniser } from '../../../engine/data/captions.ts';
import { captionBags, subWords } from '../../../engine/metrics/captionBags.ts';
import { Classifier } from '../../../engine/metrics/classifier.ts';
import { classifierSpecs, type ClassifierConfig } from '../../../engine/metrics/classifierNetwork.ts';
import { featureRow } from '../../../engine/metrics/features.ts';
import { initialValues } from '../../../engine/model/parameters.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { assertNoLeaks } from '../../../engine/tensor/memory.ts';
import { randomUniform } from '../../../engine/tensor/random.ts';

const tokeniser = CaptionTokeniser.train(['green apple', 'red apple', 'green book', 'red book']);
const config: ClassifierConfig = {
  size: 8,
  patch: 2,
  stages: [
    { width: 8, layers: 1, heads: 2 },
    { width: 12, layers: 1, heads: 3 },
  ],
  classes: 3,
  features: 5,
  vocabulary: tokeniser.vocabulary,
  embedding: 6,
};
const imageLength = 8 * 8 * 3;
const pictures = (count: number) =>
  randomUniform({ seed: 1, purpose: 'data', step: 0 }, count * imageLength).map((value) => 2 * value - 1);

function untrained(): Classifier {
  const description = { config, classNames: ['a', 'b', 'c'], tokeniser: tokeniser.toJSON() };
  return new Classifier(description, initialValues(classifierSpecs(config), 1));
}

beforeAll(() => activateBackend('wasm'));

describe('captionBags', () => {
  it('counts sub-words without the special tokens, each row as shares of one', () => {
    const words = [subWords(tokeniser, 'red red apple'), subWords(tokeniser, '')];
    expect(tokeniser.decode(words[0] ?? [])).toBe('red red apple');
    const bags = captionBags(words, config.vocabulary);
    const [red, apple] = ['red', 'apple'].map((word) => subWords(tokeniser, word)[0] ?? -1);
    expect(bags[red ?? -1]).toBeCloseTo(2 / 3, 6);
    expect(bags[apple ?? -1]).toBeCloseTo(1 / 3, 6);
    expect(bags.subarray(config.vocabulary).every((share) => share === 0)).toBe(true);
  });
});

describe('Classifier', () => {
  it('sees a picture the same whatever lies beside it in a batch', async () => {
    const classifier = untrained();
    const many = pictures(70);
    const [all, last] = [await classifier.look(many), await classifier.look(many.subarray(69 * imageLength))];
    expect(all.features).toMatchObject({ count: 70, width: 5 });
    expect(all.predictions).toHaveLength(70);
    expect(all.predictions.every((label) => label >= 0 && label < 3)).toBe(true);
    for (const what of ['features', 'embeddings'] as const) {
      featureRow(all[what], 69).forEach((value, i) => expect(last[what].values[i]).toBeCloseTo(value, 4));
    }
    classifier.dispose();
  });

  it('gives unit vectors for pictures and captions, blind to the order of words alone', async () => {
    const classifier = untrained();
    const { embeddings } = await classifier.look(pictures(2));
    const captions = await classifier.embedCaptions(['red apple', 'apple red', 'green apple']);
    for (const row of [featureRow(embeddings, 1), featureRow(captions, 0)]) {
      expect(Math.hypot(...row)).toBeCloseTo(1, 4);
    }
    expect(featureRow(captions, 0)).toEqual(featureRow(captions, 1));
    expect(featureRow(captions, 0)).not.toEqual(featureRow(captions, 2));
    classifier.dispose();
  });

  it('leaves no tensor behind, and refuses pictures of another size', async () => {
    await assertNoLeaks(async () => {
      const classifier = untrained();
      await classifier.look(pictures(3));
      await classifier.embedCaptions(['red book']);
      classifier.dispose();
    });
    const classifier = untrained();
    await expect(classifier.look(new Float32Array(100))).rejects.toThrow(/8 × 8/);
    classifier.dispose();
  });
});
