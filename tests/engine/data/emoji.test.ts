import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CaptionTokeniser, pad } from '../../../engine/data/captions.ts';
import { decodeImage, defaultDecode, imageFormat } from '../../../engine/data/decode.ts';
import { emojiArchive } from '../../../engine/data/emoji.ts';
import { labelFiles } from '../../../engine/data/labels.ts';
import { openZip } from '../../../engine/data/zipArchive.ts';

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

  it('holds 64×64 pictures and a caption of its own for each', async () => {
    const tree = await openZip(emojiArchive);
    const { images, notes } = await labelFiles(tree);
    expect(notes).toEqual([]);
    expect(images).toHaveLength(3_785);
    expect(new Set(images.map(({ className }) => className)).size).toBe(10);
    expect(new Set(images.map(({ caption }) => caption)).size).toBe(images.length);
    for (const { file } of images) {
      const png = await tree.read(file);
      expect([imageFormat(png), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['png', 64, 64]);
    }
    tree.close();

    const tokeniser = CaptionTokeniser.train(images.map(({ caption }) => caption));
    expect(tokeniser.vocabulary).toBe(1_024);
    const lengths = images.map(({ caption }) => tokeniser.encode(caption, 64).indexOf(pad));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(24);
  });

  it('pairs pictures with their captions', async () => {
    const tree = await openZip(emojiArchive);
    const { images } = await labelFiles(tree);
    const colourOf = async (wanted: string) => {
      const file = images.find(({ caption }) => caption === wanted)?.file ?? '';
      return meanColour((await decodeImage(await tree.read(file), { ...defaultDecode, size: 32 })).pixels);
    };
    for (const [caption, strongest] of [
      ['red heart', 0],
      ['green apple', 1],
      ['blue heart', 2],
      ['flag: vietnam', 0],
      ['green heart', 1],
      ['blue square', 2],
    ] as const) {
      const colour = await colourOf(caption);
      expect(colour.indexOf(Math.max(...colour)), caption).toBe(strongest);
    }
    const [dark = 0] = await colourOf('waving hand: dark skin tone');
    const [light = 0] = await colourOf('waving hand: light skin tone');
    expect(light).toBeGreaterThan(dark + 80);
    tree.close();
  });
});
