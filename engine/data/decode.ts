/**
 * One picture file to a square of RGB bytes, by sharp. Files are hostile until decoded: the format is recognised
 * by its first bytes, pixels are capped, and any warning of the decoder refuses the file.
 */
import sharp from 'sharp';
import { StudioError } from '../contract/errors.ts';
import type { Finding } from '../contract/messages/data.ts';

export interface DecodeSettings {
  /** Height = width of the result in pixels. */
  size: number;
  /** `crop` cuts the longer side about the centre; `pad` keeps all and fills with the background. */
  fit: 'crop' | 'pad';
  /** Colour behind transparency and padding, `#rrggbb`. */
  background: string;
}

export const defaultDecode: DecodeSettings = { size: 32, fit: 'crop', background: '#ffffff' };

export interface Decoded {
  /** `[size, size, 3]` sRGB. */
  pixels: Uint8Array;
  remark: { finding: Finding; message: string } | undefined;
}

const pixelQuota = 64_000_000;

/** A file that is left out, with the reason for the report. */
export class UnusableImage extends StudioError {
  readonly finding: Finding;
  constructor(finding: Finding, message: string, cause?: unknown) {
    super('input-invalid', message, 'The file itself was not changed.', { cause });
    this.finding = finding;
  }
}

/** Formats by signature. SVG, PDF and the like can pull in other files, so they are not offered to the decoder. */
export function imageFormat(bytes: Buffer): 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'avif' | undefined {
  const text = bytes.toString('latin1', 0, 12);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'webp';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff';
  if (/^ftypavi[fs]$/.test(text.slice(4))) return 'avif';
  return undefined;
}

/** Decodes the first frame, turned upright, flattened and scaled; throws UnusableImage. */
export async function decodeImage(bytes: Buffer, settings: DecodeSettings): Promise<Decoded> {
  if (imageFormat(bytes) === undefined) {
    throw new UnusableImage('unsupported', 'Not a PNG, JPEG, WebP, GIF, TIFF or AVIF picture: left out.');
  }
  const { size, fit, background } = settings;
  try {
    const image = sharp(bytes, { failOn: 'warning', limitInputPixels: pixelQuota, pages: 1 });
    const { width, height, pages = 1 } = await image.metadata();
    const pixels = await image
      .autoOrient()
      .flatten({ background })
      .resize(size, size, { fit: fit === 'crop' ? 'cover' : 'contain', background, kernel: 'lanczos3' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer();
    if (pixels.length !== size * size * 3)
      throw new Error(`${pixels.length} bytes instead of ${size * size * 3}`);
    return { pixels, remark: remarkOn(width, height, pages, size) };
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes('exceeds pixel limit')) {
      throw new UnusableImage('too-large', 'More than 64 megapixels: left out, not decoded.', cause);
    }
    throw new UnusableImage('unreadable', 'Damaged or cut off: left out.', cause);
  }
}

function remarkOn(width: number, height: number, pages: number, size: number): Decoded['remark'] {
  if (pages > 1) return { finding: 'animated', message: `Animated, ${pages} frames: the first was used.` };
  if (Math.min(width, height) < size) {
    return { finding: 'tiny', message: `Only ${width}×${height} pixels: enlarged to ${size}×${size}.` };
  }
  return undefined;
}

export interface Thumbnail {
  /** A PNG file whose longer side is at most the bound. */
  png: Buffer;
  /** Of the picture itself, upright. */
  width: number;
  height: number;
}

/** The whole picture made smaller, its first frame upright; throws what the decoder throws. */
export async function thumbnail(bytes: Buffer, bound: number): Promise<Thumbnail> {
  const image = sharp(bytes, { failOn: 'warning', limitInputPixels: pixelQuota, pages: 1 });
  const { autoOrient } = await image.metadata();
  const png = await image
    .autoOrient()
    .resize(bound, bound, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .png()
    .toBuffer();
  return { png, width: autoOrient.width, height: autoOrient.height };
}

/** `[size, size, 3]` bytes as a PNG file. */
export function encodeSquare(pixels: Uint8Array, size: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}
