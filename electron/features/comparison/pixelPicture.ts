/** A picture made of small images, each pixel a square, with labels and bars: what PNG grids and strips are drawn on. */
import sharp from 'sharp';
import { toBytes, type FloatImages } from '../../../engine/data/png.ts';
import { textWidth, truncate } from '../../terminal/textWidth.ts';
import { escapeMarkup } from './escapeMarkup.ts';

export interface LabelOptions {
  /** Pixels that the label may take; it is shortened to fit. */
  readonly width: number;
  readonly size?: number;
  readonly bold?: boolean;
  readonly align?: 'start' | 'middle' | 'end';
  readonly colour?: string;
}

/** Whole times that a small image is enlarged, so that about this many pixels are seen. */
export function enlargement(side: number, target = 128): number {
  return Math.max(1, Math.round(target / side));
}

/** The widest of common sans-serif fonts takes about this share of its size for a character. */
const characterWidth = 0.62;

export class PixelPicture {
  readonly width: number;
  readonly height: number;
  private readonly pixels: Uint8ClampedArray;
  private readonly marks: string[] = [];

  /** White. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8ClampedArray(width * height * 3).fill(255);
  }

  /** One of the images with its corner at (left, top), each pixel `scale` × `scale`. */
  image(images: FloatImages, index: number, left: number, top: number, scale: number): void {
    const { data, height, width } = images;
    const length = height * width * 3;
    const bytes = toBytes(data.subarray(index * length, (index + 1) * length));
    for (let y = 0; y < height; y++) {
      const row = ((top + y * scale) * this.width + left) * 3;
      for (let x = 0; x < width * scale; x++) {
        const from = (y * width + Math.floor(x / scale)) * 3;
        for (let channel = 0; channel < 3; channel++) {
          this.pixels[row + x * 3 + channel] = bytes[from + channel] ?? 0;
        }
      }
      for (let repeat = 1; repeat < scale; repeat++) {
        this.pixels.copyWithin(row + repeat * this.width * 3, row, row + width * scale * 3);
      }
    }
  }

  /** `left` is where the text starts, has its middle or ends, as `align` says; `baseline` is where it stands. */
  label(text: string, left: number, baseline: number, options: LabelOptions): void {
    const { width, size = 14, bold = false, align = 'start', colour = '#1b1b1b' } = options;
    const shown = truncate(text, Math.floor(width / (size * characterWidth)));
    if (textWidth(shown) === 0) return;
    this.marks.push(
      `<text x="${left}" y="${baseline}" font-size="${size}" font-weight="${bold ? 600 : 400}"` +
        ` text-anchor="${align}" fill="${colour}">${escapeMarkup(shown)}</text>`,
    );
  }

  bar(left: number, top: number, width: number, height: number, colour: string): void {
    this.marks.push(
      `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${Math.min(height, width) / 2}" fill="${colour}"/>`,
    );
  }

  async toPng(): Promise<Buffer> {
    const { width, height } = this;
    const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif">${this.marks.join('')}</svg>`;
    return sharp(this.pixels, { raw: { width, height, channels: 3 } })
      .composite([{ input: Buffer.from(overlay), left: 0, top: 0 }])
      .removeAlpha()
      .png()
      .toBuffer();
  }
}
