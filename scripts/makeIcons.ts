/** Makes the app's icons from `renderer/public/icon.svg`: PNG for Linux and the tray, ICO for Windows, ICNS for macOS. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'resources/icons');
const drawing = await readFile(path.join(root, 'renderer/public/icon.svg'));

const picture = (size: number) =>
  sharp(drawing, { density: (72 * size) / 32 })
    .resize(size)
    .png()
    .toBuffer();

/** Windows' format: a table of sizes and offsets, then PNG files; 0 stands for 256. */
async function ico(sizes: readonly number[]): Promise<Buffer> {
  const pictures = await Promise.all(sizes.map(picture));
  const head = Buffer.alloc(6 + 16 * sizes.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(sizes.length, 4);
  let offset = head.length;
  for (const [index, bytes] of pictures.entries()) {
    const entry = 6 + 16 * index;
    const size = (sizes[index] ?? 0) % 256;
    head.writeUInt8(size, entry);
    head.writeUInt8(size, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(bytes.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...pictures]);
}

/** Apple's format: pieces of a four-letter type, a length and a PNG file. */
async function icns(types: Readonly<Record<string, number>>): Promise<Buffer> {
  const piece = (type: string, bytes: Buffer) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32BE(8 + bytes.length, 4);
    return Buffer.concat([head, bytes]);
  };
  const pieces = await Promise.all(
    Object.entries(types).map(async ([type, size]) => piece(type, await picture(size))),
  );
  return piece('icns', Buffer.concat(pieces));
}

await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, 'icon.png'), await picture(512));
await writeFile(path.join(folder, 'tray.png'), await picture(32));
await writeFile(path.join(folder, 'icon.ico'), await ico([16, 32, 48, 64, 128, 256]));
await writeFile(path.join(folder, 'icon.icns'), await icns({ ic07: 128, ic08: 256, ic09: 512, ic10: 1024 }));
