/** Generated images to PNG files that carry how they were made, and back. */
import sharp from 'sharp';
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';
import { insertText, readText } from './pngText.ts';

/** What a picture remembers: dropped on the studio, it reopens these. */
const provenance = z.strictObject({
  seed: z.int(),
  student: z.string(),
  caption: z.string().optional(),
  /** The whole recipe; validated by `engine/contract` where it is used. */
  recipe: z.json(),
});
export type Provenance = z.infer<typeof provenance>;

const keyword = 'stillroom';

/** Images as models make them. */
export interface FloatImages {
  /** `[count, height, width, 3]`, [-1, 1] and somewhat beyond. */
  data: Float32Array;
  count: number;
  height: number;
  width: number;
}

/** [-1, 1] → 0 … 255, rounded and clamped; NaN becomes 0. */
export function toBytes(data: Float32Array): Uint8ClampedArray {
  return Uint8ClampedArray.from(data, (value) => (value + 1) * 127.5);
}

async function encode(bytes: Uint8ClampedArray, width: number, height: number): Promise<Buffer> {
  return sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** One image `[height, width, 3]` in [-1, 1] to a PNG file's bytes. */
export async function writePng(
  data: Float32Array,
  width: number,
  height: number,
  made?: Provenance,
): Promise<Buffer> {
  if (data.length !== width * height * 3)
    throw new RangeError(`${data.length} values are not ${width}×${height}×3`);
  const png = await encode(toBytes(data), width, height);
  return made === undefined ? png : insertProvenance(png, made);
}

/** The same picture, carrying how it was made and nothing that it carried of that before. */
export const insertProvenance = (png: Buffer, made: Provenance): Buffer =>
  insertText(png, keyword, JSON.stringify(made));

/** How a picture was made, or undefined for one of another program; throws `file-invalid` for a damaged one. */
export function readProvenance(png: Buffer): Provenance | undefined {
  const text = readText(png, keyword);
  if (text === undefined) return undefined;
  try {
    return provenance.parse(JSON.parse(text));
  } catch (cause) {
    throw new StudioError(
      'file-invalid',
      'The picture says that it was made here, but what it remembers is damaged; the picture was not changed.',
      'Reopen the run from the Projects page instead.',
      { cause },
    );
  }
}

export interface GridOptions {
  columns: number;
  /** Each pixel becomes a square of this side; default 1. */
  scale?: number;
  /** Pixels between images, in the final picture; default 2. */
  gap?: number;
  /** Grey level 0 … 255 of gaps and empty cells; default 255. */
  background?: number;
}

/** Images in reading order as one PNG. */
export async function imageGrid(images: FloatImages, options: GridOptions): Promise<Buffer> {
  const { columns, scale = 1, gap = 2, background = 255 } = options;
  const { count, height, width } = images;
  const cellWidth = width * scale + gap;
  const cellHeight = height * scale + gap;
  const gridWidth = columns * cellWidth - gap;
  const gridHeight = Math.ceil(count / columns) * cellHeight - gap;
  const bytes = toBytes(images.data);
  const grid = new Uint8ClampedArray(gridWidth * gridHeight * 3).fill(background);
  for (let index = 0; index < count; index++) {
    const left = (index % columns) * cellWidth;
    const top = Math.floor(index / columns) * cellHeight;
    for (let y = 0; y < height * scale; y++) {
      const source = (index * height + Math.floor(y / scale)) * width * 3;
      const target = ((top + y) * gridWidth + left) * 3;
      for (let x = 0; x < width * scale; x++) {
        const from = source + Math.floor(x / scale) * 3;
        grid.set(bytes.subarray(from, from + 3), target + x * 3);
      }
    }
  }
  return encode(grid, gridWidth, gridHeight);
}
