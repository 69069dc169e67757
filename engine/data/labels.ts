/**
 * Captions and classes of the images in a FileTree. A caption comes from, best first: a table (`captions.csv`,
 * `captions.jsonl` or `metadata.json` beside the images), a `.txt` of the same name, the file's name.
 */
import { z } from 'zod';
import { StudioError } from '../contract/errors.ts';
import { pictureName } from '../contract/messages/data.ts';
import type { FileNote } from './checks.ts';
import { parseCsv } from './csv.ts';
import type { FileTree } from './fileTree.ts';

export interface LabelledFile {
  file: string;
  /** One line; empty when only the class is known. */
  caption: string;
  /** Someone wrote the caption (table or `.txt`), rather than the file's name being all there is. */
  captioned: boolean;
  className: string;
}

const captionLength = 1_000;
const tableNames = ['metadata.json', 'captions.jsonl', 'captions.csv'] as const;
const tableRow = z.object({
  file: z.string(),
  caption: z.string().optional(),
  category: z.string().optional(),
});
type TableRow = z.infer<typeof tableRow>;

const folderOf = (file: string) => file.slice(0, Math.max(0, file.lastIndexOf('/')));
const stemOf = (file: string) => file.slice(file.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
const oneLine = (text: string) =>
  text
    .slice(0, 4 * captionLength)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, captionLength);

/** "red_apple-02" → "red apple"; a name of digits or of a hash says nothing, so "". */
function captionFromName(file: string): string {
  const words = stemOf(file)
    .slice(0, captionLength)
    .replaceAll(/[_\-.\s]+/g, ' ')
    .trim();
  const named = words.replace(/( \d+)+$/, '').replace(/ ?\(\d+\)$/, '');
  return /^(\d[\d ]*|[0-9a-f]{8,}|(img|dsc|image|photo|picture|screenshot|untitled)( ?\d+)?)$/i.test(named)
    ? ''
    : named;
}

/** The deepest folder that holds all the files: a wrapper, not a class. */
function commonFolder(files: readonly string[]): string {
  let common = folderOf(files[0] ?? '');
  for (const file of files) {
    while (common !== '' && !file.startsWith(`${common}/`)) common = folderOf(common);
  }
  return common;
}

function parseTable(name: string, text: string): TableRow[] {
  try {
    if (name.endsWith('.csv')) return z.array(tableRow).parse(parseCsv(text));
    if (name.endsWith('.jsonl')) {
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return z.array(tableRow).parse(lines.map((line): unknown => JSON.parse(line)));
    }
    return z.object({ images: z.array(tableRow) }).parse(JSON.parse(text)).images;
  } catch (cause) {
    throw new StudioError(
      'input-invalid',
      `The table “${name}” cannot be read; nothing was changed.`,
      'Each row needs a “file” (relative to the table) and a “caption”; correct it, or take it out of the folder.',
      { cause },
    );
  }
}

async function readTable(tree: FileTree, folder: string): Promise<Map<string, TableRow>> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const rows = new Map<string, TableRow>();
  for (const name of tableNames) {
    if (!tree.files.includes(prefix + name)) continue;
    const bytes = await tree.read(prefix + name);
    for (const row of parseTable(name, bytes.toString('utf8'))) rows.set(prefix + row.file, row);
  }
  return rows;
}

async function readSidecar(tree: FileTree, file: string): Promise<string> {
  const bytes = await tree.read(file);
  return oneLine(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, 64 * 1024)));
}

/** Lists the images of a tree with their labels; a broken sidecar is noted and the name used instead. */
export async function labelFiles(tree: FileTree): Promise<{ images: LabelledFile[]; notes: FileNote[] }> {
  const files = tree.files.filter((file) => pictureName.test(file));
  const root = commonFolder(files);
  const table = await readTable(tree, root);
  const sidecars = new Set(tree.files.filter((file) => file.endsWith('.txt')));
  const notes: FileNote[] = [];
  const images: LabelledFile[] = [];
  for (const file of files) {
    const row = table.get(file);
    const sidecar = file.replace(/\.[^./]*$/, '.txt');
    let caption = oneLine(row?.caption ?? captionFromName(file));
    let captioned = row?.caption !== undefined;
    if (!captioned && sidecars.has(sidecar)) {
      try {
        caption = await readSidecar(tree, sidecar);
        captioned = true;
      } catch {
        notes.push({
          file,
          finding: 'caption-unreadable',
          message: `“${sidecar}” is not UTF-8 text: the file's name was used.`,
        });
      }
    }
    const className = row?.category ?? (folderOf(file).slice(root.length).replace(/^\//, '') || tree.name);
    images.push({ file, caption, captioned, className });
  }
  return { images, notes };
}
