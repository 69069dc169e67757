/**
 * Makes `resources/demo/emoji.zip`, the bundled picture set: every Google emoji at 64×64 with its caption.
 *
 *   npm pack emoji-datasource-google@16.0.0 && tar xzf emoji-datasource-google-16.0.0.tgz --one-top-level=images
 *   npm pack emojibase-data@16.0.3          && tar xzf emojibase-data-16.0.3.tgz --one-top-level=names
 *   node scripts/makeDemoSet.ts images/package names/package [resources/demo/emoji.zip]
 *
 * The same packages and the same sharp give the same bytes.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { ZipFile } from 'yazl';
import { z } from 'zod';

const glyph = z.object({ unified: z.string(), image: z.string(), has_img_google: z.boolean() });
const emoji = glyph.extend({
  category: z.string(),
  subcategory: z.string(),
  sort_order: z.number(),
  skin_variations: z.record(z.string(), glyph).default({}),
});
const named = z.object({ hexcode: z.string(), label: z.string() });
const name = named.extend({ tags: z.array(z.string()).default([]), skins: z.array(named).default([]) });

interface DemoImage {
  file: string;
  caption: string;
  category: string;
  subcategory: string;
  keywords: string[];
}

/** In this release the flag of Sark is a copy of Saudi Arabia's. */
const mistaken = new Set(['1f1e8-1f1f6.png']);

/** Both packages write the emoji variation selector FE0F differently; without it the codes agree. */
const plainCode = (code: string) => code.toUpperCase().replaceAll('-FE0F', '');

/** "flag: Côte d’Ivoire" → "flag: côte d'ivoire". */
const cleanCaption = (label: string) => label.toLowerCase().replaceAll(/[“”]/g, '"').replaceAll('’', "'");

const tones = new Map([
  ['1F3FB', 'light skin tone'],
  ['1F3FC', 'medium-light skin tone'],
  ['1F3FD', 'medium skin tone'],
  ['1F3FE', 'medium-dark skin tone'],
  ['1F3FF', 'dark skin tone'],
]);

/** The label with its skin tones; those of people facing right come without. */
function tonedLabel(label: string, hexcode: string): string {
  const found = hexcode.split('-').flatMap((code) => tones.get(code) ?? []);
  return label.includes('skin tone') || found.length === 0 ? label : `${label}: ${found.join(', ')}`;
}

async function readNames(folder: string): Promise<Map<string, { label: string; tags: string[] }>> {
  const entries = z.array(name).parse(JSON.parse(await readFile(path.join(folder, 'en/data.json'), 'utf8')));
  const names = new Map<string, { label: string; tags: string[] }>();
  for (const entry of entries) {
    for (const { hexcode, label } of [entry, ...entry.skins]) {
      names.set(plainCode(hexcode), { label: tonedLabel(label, hexcode), tags: entry.tags });
    }
  }
  return names;
}

/** 256 colours without dithering: at most 2 of 255 levels RMS from the source, and two thirds of its bytes. */
async function shrinkPng(source: string): Promise<Buffer> {
  return sharp(source)
    .png({ palette: true, quality: 100, dither: 0, effort: 10, compressionLevel: 9 })
    .toBuffer();
}

export async function makeDemoSet(imageFolder: string, nameFolder: string, target: string): Promise<number> {
  const names = await readNames(nameFolder);
  const entries = z
    .array(emoji)
    .parse(JSON.parse(await readFile(path.join(imageFolder, 'emoji.json'), 'utf8')));
  entries.sort((a, b) => a.sort_order - b.sort_order || (a.unified < b.unified ? -1 : 1));
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(target));
  // The zip format stores local time: a date built from local parts gives the same bytes in every time zone.
  const options = { mtime: new Date(2024, 0, 1), mode: 0o100644, forceDosTimestamp: true };
  const images: DemoImage[] = [];
  for (const { category, subcategory, skin_variations, ...base } of entries) {
    const folder = category.toLowerCase().replaceAll('&', 'and').replaceAll(' ', '-');
    for (const { unified, image, has_img_google } of [base, ...Object.values(skin_variations)]) {
      const found = names.get(plainCode(unified));
      if (!has_img_google || found === undefined || mistaken.has(image)) continue;
      const file = `${folder}/${image}`;
      const png = await shrinkPng(path.join(imageFolder, 'img/google/64', image));
      zip.addBuffer(png, file, { ...options, compress: false });
      images.push({ file, caption: cleanCaption(found.label), category, subcategory, keywords: found.tags });
    }
  }
  const metadata = { name: 'Google emoji', version: 1, images };
  zip.addBuffer(Buffer.from(JSON.stringify(metadata, null, 1)), 'metadata.json', options);
  zip.end();
  await written;
  return images.length;
}

if (import.meta.main) {
  const [imageFolder, nameFolder, target = 'resources/demo/emoji.zip'] = process.argv.slice(2);
  if (imageFolder === undefined || nameFolder === undefined) {
    throw new Error(
      'usage: makeDemoSet.ts <emoji-datasource-google folder> <emojibase-data folder> [target]',
    );
  }
  const count = await makeDemoSet(imageFolder, nameFolder, target);
  const bytes = await readFile(target);
  const hash = createHash('sha256').update(bytes).digest('hex');
  console.log(`${target}: ${count} images, ${bytes.length} bytes, SHA-256 ${hash}`);
}
