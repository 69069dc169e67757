/** A race as an animated WebP or GIF: each picture appears when its measured time is over. */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { ClipFormat } from '../../engine/contract/messages/gallery.ts';
import { PixelPicture } from './comparison/pixelPicture.ts';

export interface ClipLane {
  readonly label: string;
  readonly detail: string;
  readonly pictures: readonly { readonly file: string; readonly at: number }[];
}

const cell = 72;
const gap = 4;
const margin = 20;
const heading = 64;
const footer = 28;
/** Viewers slow shorter frames down. */
const shortest = 0.02;
/** Frames of one clip; of a longer race the moments are joined. */
const mostFrames = 120;
/** Seconds that the end is shown before it begins again. */
const rest = 3;

export async function writeRaceClip(
  file: string,
  format: ClipFormat,
  lanes: readonly ClipLane[],
): Promise<void> {
  const count = Math.max(...lanes.map(({ pictures }) => pictures.length));
  const columns = Math.min(count, lanes.length === 2 ? 8 : 6);
  const laneWidth = columns * (cell + gap) - gap;
  const width = lanes.length * (laneWidth + margin) + margin;
  const height = heading + Math.ceil(count / columns) * (cell + gap) + footer;
  const moments = framesOf(lanes.flatMap(({ pictures }) => pictures.map(({ at }) => at)));
  const frame = await background(lanes, { width, height, laneWidth });
  const frames: Uint8Array[] = [frame.slice()];
  const arrivals = lanes.flatMap(({ pictures }, lane) =>
    pictures.map(({ file: source, at }, i) => ({
      ...{ source, at },
      left: margin + lane * (laneWidth + margin) + (i % columns) * (cell + gap),
      top: heading + Math.floor(i / columns) * (cell + gap),
    })),
  );
  const waiting = [...arrivals].sort((a, b) => a.at - b.at);
  for (const moment of moments) {
    for (let next = waiting[0]; next && next.at <= moment; next = waiting[0]) {
      waiting.shift();
      await draw(frame, width, next);
    }
    frames.push(frame.slice());
  }
  const delay = [0, ...moments].map((moment, i) => inTicks(moments[i] ?? moment + rest) - inTicks(moment));
  const raw = { width, height: height * frames.length, channels: 3 as const, pageHeight: height };
  const clip = sharp(Buffer.concat(frames), { raw, limitInputPixels: false });
  const written =
    format === 'gif'
      ? clip.gif({ delay, loop: 0, effort: 1, dither: 0 })
      : clip.webp({ delay, loop: 0, lossless: true, effort: 0 });
  await writeFile(file, await written.toBuffer());
}

/** GIF counts hundredths of a second: milliseconds that are whole ones, so that no error adds up. */
const inTicks = (seconds: number): number => Math.round(seconds * 100) * 10;

/** Moments at which something appears, none closer than viewers can show. */
function framesOf(times: readonly number[]): number[] {
  const last = Math.max(...times);
  const apart = Math.max(shortest, last / mostFrames);
  const moments: number[] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const previous = moments.at(-1);
    if (previous === undefined ? time >= apart : time - previous >= apart) moments.push(time);
  }
  if (moments.at(-1) !== last) moments.push(Math.max(last, (moments.at(-1) ?? 0) + shortest));
  return moments;
}

async function background(
  lanes: readonly ClipLane[],
  { width, height, laneWidth }: { width: number; height: number; laneWidth: number },
): Promise<Uint8Array> {
  const picture = new PixelPicture(width, height);
  lanes.forEach(({ label, detail }, lane) => {
    const left = margin + lane * (laneWidth + margin);
    picture.label(label, left, 30, { width: laneWidth, size: 17, bold: true });
    picture.label(detail, left, 50, { width: laneWidth, size: 12, colour: '#6b6b6b' });
  });
  const note = 'Real speed, measured · Stillroom';
  picture.label(note, margin, height - 10, { width: width - 2 * margin, size: 11, colour: '#6b6b6b' });
  const pixels = await sharp(await picture.toPng())
    .removeAlpha()
    .raw()
    .toBuffer();
  return new Uint8Array(pixels);
}

async function draw(
  frame: Uint8Array,
  width: number,
  { source, left, top }: { source: string; left: number; top: number },
): Promise<void> {
  const pixels = await sharp(source).resize(cell, cell, { kernel: 'nearest' }).removeAlpha().raw().toBuffer();
  for (let y = 0; y < cell; y++)
    frame.set(pixels.subarray(y * cell * 3, (y + 1) * cell * 3), ((top + y) * width + left) * 3);
}
