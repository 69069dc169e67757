import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageGrid, readProvenance, writePng, type Provenance } from '../../../engine/data/png.ts';
import { golden } from './support.ts';

const made: Provenance = {
  seed: 42,
  student: 'emoji, 4 steps',
  caption: 'grüner Apfel 🍏',
  recipe: { guidance: { scale: 2.5 } },
};
const image = Float32Array.from([-1, 0, 1, 3, -3, NaN, 1, 1, 1, -1, -1, -1]);

describe('writePng', () => {
  it('rounds and clamps to bytes, and another reader sees a valid file', async () => {
    const png = await writePng(image, 2, 2, made);
    const pixels = await sharp(png, { failOn: 'warning' }).raw().toBuffer();
    expect([...pixels]).toEqual([0, 128, 255, 255, 0, 0, 255, 255, 255, 0, 0, 0]);
  });

  it('remembers how the picture was made', async () => {
    expect(readProvenance(await writePng(image, 2, 2, made))).toEqual(made);
    expect(readProvenance(await writePng(image, 2, 2))).toBeUndefined();
  });

  it("reads text written by Pillow, and Python's zlib agrees with our checksum", async () => {
    expect(readProvenance(golden('alpha.png'))).toEqual({ seed: 7, student: 'é', recipe: { a: [1] } });
    const script = `
import struct, sys, zlib
data = sys.stdin.buffer.read()
at = 8
while at < len(data):
    size, = struct.unpack(">I", data[at:at + 4])
    assert zlib.crc32(data[at + 4:at + 8 + size]) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
    if data[at + 4:at + 8] == b"iTXt": print(data[at + 8:at + 8 + size].split(b"\\0", 5)[5].decode())
    at += 12 + size
`;
    const output = execFileSync('python3', ['-c', script], { input: await writePng(image, 2, 2, made) });
    expect(JSON.parse(output.toString('utf8'))).toEqual(made);
  });

  it('refuses a damaged file or memory', async () => {
    const png = await writePng(image, 2, 2, made);
    expect(() => readProvenance(png.subarray(0, 60))).toThrow(/cut off/);
    expect(() => readProvenance(Buffer.from('GIF89a'))).toThrow(/damaged/);
    const flipped = Buffer.from(png);
    const at = flipped.indexOf('guidance');
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    expect(() => readProvenance(flipped)).toThrow(/damaged/);
    await expect(writePng(image, 3, 2)).rejects.toThrow(RangeError);
    expect(readProvenance(golden('smooth.png'))).toBeUndefined();
  });
});

describe('imageGrid', () => {
  it('lays images out in reading order with gaps', async () => {
    const data = Float32Array.from([-1, -0.5, 0.5].flatMap((grey) => [grey, grey, grey]));
    const png = await imageGrid({ data, count: 3, height: 1, width: 1 }, { columns: 2, scale: 2, gap: 1 });
    const { data: pixels, info } = await sharp(png)
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([5, 5]);
    const rows = Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: 5 }, (_, x) => pixels[(y * 5 + x) * info.channels]),
    );
    expect(rows).toEqual([
      [0, 0, 255, 64, 64],
      [0, 0, 255, 64, 64],
      [255, 255, 255, 255, 255],
      [191, 191, 255, 255, 255],
      [191, 191, 255, 255, 255],
    ]);
  });
});
