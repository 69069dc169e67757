import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CaptionTokeniser } from '../../../engine/data/captions.ts';
import { imageBytes } from '../../../engine/data/dataset.ts';
import { emojiArchive, readEmoji } from '../../../engine/data/emoji.ts';
import { temporaryFolder } from './support.ts';

/** Mean colour of an image without its white background. */
function meanColour(bytes: Uint8Array): number[] {
  const sums = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const rgb = [...bytes.subarray(i, i + 3)];
    if (Math.min(...rgb) > 240) continue;
    count++;
    rgb.forEach((value, channel) => (sums[channel] = (sums[channel] ?? 0) + value));
  }
  return sums.map((sum) => sum / count);
}

describe('the demo set', () => {
  it('is the archive that its script makes', () => {
    const bytes = readFileSync(emojiArchive);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      '7a26f5af2c50cc274d691a77ae233bc549c5e37c7a4b22dedae19d235374c662',
    );
    expect(bytes.length).toBeLessThan(15e6);
  });

  it('pairs pictures with their captions', async () => {
    const emoji = await readEmoji({ size: 32, cache: await temporaryFolder() });
    expect(emoji.count).toBe(3_785);
    expect(emoji.report.leftOut).toEqual([]);
    expect(emoji.classNames).toHaveLength(10);
    expect(new Set(emoji.captions).size).toBe(emoji.count);
    const colourOf = (caption: string) => meanColour(imageBytes(emoji, emoji.captions.indexOf(caption)));
    for (const [caption, strongest] of [
      ['red heart', 0],
      ['green apple', 1],
      ['blue heart', 2],
      ['flag: vietnam', 0],
      ['green heart', 1],
      ['blue square', 2],
    ] as const) {
      const colour = colourOf(caption);
      expect(colour.indexOf(Math.max(...colour)), caption).toBe(strongest);
    }
    const [dark = 0] = colourOf('waving hand: dark skin tone');
    const [light = 0] = colourOf('waving hand: light skin tone');
    expect(light).toBeGreaterThan(dark + 80);

    const tokeniser = CaptionTokeniser.train(emoji.captions);
    expect(tokeniser.vocabulary).toBe(1_024);
    const lengths = emoji.captions.map((caption) => tokeniser.encode(caption, 64).mask.indexOf(0));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(24);
  });
});
