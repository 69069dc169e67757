/** UTF-8 text in PNG files: the `iTXt` chunk of the PNG specification (3rd edition, 11.3.3.4). Not an image codec. */
import { crc32 } from 'node:zlib';
import { StudioError } from '../contract/errors.ts';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** A recipe is some KiB; a longer text is not ours. */
const textQuota = 2 ** 20;

function damaged(): StudioError {
  return new StudioError(
    'file-invalid',
    'The PNG file is damaged or cut off; it was not changed.',
    'Use another copy.',
  );
}

interface Chunk {
  type: string;
  /** Offset of the chunk's length field. */
  at: number;
  data: Buffer;
  checksum: number;
}

function* chunksOf(png: Buffer): Generator<Chunk> {
  if (!png.subarray(0, signature.length).equals(signature)) throw damaged();
  for (let at = signature.length; at < png.length;) {
    if (at + 12 > png.length) throw damaged();
    const length = png.readUInt32BE(at);
    if (at + 12 + length > png.length) throw damaged();
    const type = png.toString('latin1', at + 4, at + 8);
    yield {
      type,
      at,
      data: png.subarray(at + 8, at + 8 + length),
      checksum: png.readUInt32BE(at + 8 + length),
    };
    if (type === 'IEND') return;
    at += 12 + length;
  }
  throw damaged();
}

/**
 * The picture with the text under the keyword, in place of an earlier one. Layout: keyword, 0, compressed? 0, method 0,
 * language tag, 0, translated keyword, 0, text.
 */
export function insertText(png: Buffer, keyword: string, text: string): Buffer {
  const body = Buffer.from(`iTXt${keyword}\0\0\0\0\0${text}`, 'utf8');
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  const earlier = Buffer.from(`${keyword}\0`, 'latin1');
  const pieces: Buffer[] = [signature];
  for (const { type, at, data } of chunksOf(png)) {
    if (type === 'iTXt' && data.subarray(0, earlier.length).equals(earlier)) continue;
    if (type === 'IDAT' && !pieces.includes(chunk)) pieces.push(chunk);
    pieces.push(png.subarray(at, at + 12 + data.length));
  }
  if (!pieces.includes(chunk)) throw damaged();
  return Buffer.concat(pieces);
}

/** The uncompressed `iTXt` text under `keyword`, or undefined; throws `file-invalid` for a damaged file. */
export function readText(png: Buffer, keyword: string): string | undefined {
  const head = Buffer.from(`${keyword}\0\0\0`, 'latin1');
  for (const { type, data, checksum } of chunksOf(png)) {
    if (type !== 'iTXt' || !data.subarray(0, head.length).equals(head)) continue;
    if (data.length > textQuota || crc32(data, crc32(type)) !== checksum) throw damaged();
    const language = data.indexOf(0, head.length);
    const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
    if (translated < 0) throw damaged();
    return data.toString('utf8', translated + 1);
  }
  return undefined;
}
