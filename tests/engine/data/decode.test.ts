import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, imageFormat, UnusableImage, type DecodeSettings } from '../../../engine/data/decode.ts';
import { golden, goldenPixels, largestDifference } from './support.ts';

const settings = (size: number, more: Partial<DecodeSettings> = {}): DecodeSettings => ({
  size,
  fit: 'crop',
  background: '#ffffff',
  ...more,
});

async function finding(bytes: Buffer): Promise<string> {
  const error: unknown = await decodeImage(bytes, settings(16)).catch((cause: unknown) => cause);
  if (!(error instanceof UnusableImage)) throw new Error('decoded, or another error', { cause: error });
  expect(error.code).toBe('input-invalid');
  return error.finding;
}

describe('decodeImage', () => {
  it('flattens transparency as Pillow does', async () => {
    const { pixels } = await decodeImage(golden('alpha.png'), settings(16, { background: '#c86432' }));
    expect(largestDifference(pixels, goldenPixels['alphaOnBrown'] ?? [])).toBeLessThanOrEqual(1);
  });

  it('reads palettes exactly', async () => {
    const { pixels } = await decodeImage(golden('palette.png'), settings(16));
    expect([...pixels]).toEqual(goldenPixels['palette']);
  });

  it('turns a photograph upright by its EXIF orientation', async () => {
    const { pixels } = await decodeImage(golden('sideways.jpg'), settings(32));
    expect(largestDifference(pixels, goldenPixels['upright'] ?? [])).toBeLessThanOrEqual(3);
  });

  it('scales by Lanczos as Pillow does, away from the edge', async () => {
    const { pixels } = await decodeImage(golden('smooth.png'), settings(32));
    expect(largestDifference(pixels, goldenPixels['smooth32'] ?? [])).toBeLessThanOrEqual(3);
  });

  it('crops the centre, or pads with the background', async () => {
    const cropped = await decodeImage(golden('wide.png'), settings(8));
    expect([...cropped.pixels]).toEqual(Array.from({ length: 64 }, () => [255, 0, 0]).flat());
    const { pixels } = await decodeImage(
      golden('wide.png'),
      settings(24, { fit: 'pad', background: '#0000ff' }),
    );
    const pixel = (x: number, y: number) => [...pixels.subarray((y * 24 + x) * 3, (y * 24 + x) * 3 + 3)];
    expect(pixel(12, 1)).toEqual([0, 0, 255]);
    expect(pixel(12, 12)).toEqual([255, 0, 0]);
    expect(pixel(2, 12)).toEqual([255, 255, 255]);
  });

  it('uses the first frame of an animation and says so', async () => {
    const { pixels, remark } = await decodeImage(golden('animated.gif'), settings(16));
    expect([...pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect(remark).toEqual({ finding: 'animated', message: 'Animated, 3 frames: the first was used.' });
  });

  it('says when a picture is enlarged', async () => {
    const { remark } = await decodeImage(golden('green.webp'), settings(64));
    expect(remark?.finding).toBe('tiny');
  });

  it('reads greyscale, 16-bit and CMYK pictures as sRGB bytes', async () => {
    const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } });
    // Inks have no exact grey: the profiles there and back differ by some levels.
    const made = [
      { bytes: await grey.clone().toColourspace('b-w').png().toBuffer(), tolerance: 0 },
      { bytes: await grey.clone().toColourspace('rgb16').png().toBuffer(), tolerance: 0 },
      { bytes: await grey.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), tolerance: 16 },
    ];
    for (const { bytes, tolerance } of made) {
      const { pixels } = await decodeImage(bytes, settings(8));
      expect(largestDifference(pixels, new Array<number>(192).fill(128))).toBeLessThanOrEqual(tolerance);
    }
  });

  it('refuses a 60,000 × 60,000 bomb without decoding it', async () => {
    const before = process.memoryUsage().rss;
    expect(await finding(golden('huge.png'))).toBe('too-large');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  it('refuses cut-off, empty and foreign files', async () => {
    expect(await finding(golden('cut-off.png'))).toBe('unreadable');
    expect(await finding(golden('alpha.png').subarray(0, 40))).toBe('unreadable');
    expect(await finding(Buffer.alloc(0))).toBe('unsupported');
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>';
    expect(await finding(Buffer.from(svg))).toBe('unsupported');
  });

  it('survives 300 mutants of real files', async () => {
    const sources = ['alpha.png', 'sideways.jpg', 'animated.gif', 'green.webp'].map(golden);
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 300; i++) {
      const source = sources[i % sources.length] ?? Buffer.alloc(0);
      const mutant = Buffer.from(source.subarray(0, i % 3 === 0 ? random(source.length) : source.length));
      for (let k = 0; k < 3 && mutant.length > 0; k++) mutant[random(mutant.length)] = random(256);
      const result: unknown = await decodeImage(mutant, settings(16)).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(UnusableImage);
    }
  });
});

describe('imageFormat', () => {
  it('knows a format by its first bytes, not by its name', () => {
    expect(
      ['alpha.png', 'sideways.jpg', 'animated.gif', 'green.webp'].map((name) => imageFormat(golden(name))),
    ).toEqual(['png', 'jpeg', 'gif', 'webp']);
    expect(imageFormat(Buffer.from('%PDF-1.7'))).toBeUndefined();
  });
});
