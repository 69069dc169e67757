import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Comparison } from '../../../../electron/features/comparison/comparison.ts';
import { comparisonTable } from '../../../../electron/features/comparison/comparisonTable.ts';
import { metricsCsv, tableMarkdown } from '../../../../electron/features/comparison/dataFiles.ts';
import { escapeMarkup } from '../../../../electron/features/comparison/escapeMarkup.ts';
import { html, Markup } from '../../../../electron/features/comparison/page/html.ts';
import { writeReport } from '../../../../electron/features/comparison/writeReport.ts';
import { sampleComparison } from '../../../support/sampleComparison.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'report-'))));
afterAll(() => rm(folder, { recursive: true }));

const sample = sampleComparison();

test('writes every file; the pictures have the size that their layout asks for', async () => {
  const files = await writeReport(sample, path.join(folder, 'complete'));
  expect((await readdir(files.folder)).sort()).toEqual([
    'grid.png',
    'index.html',
    'metrics.csv',
    'metrics.json',
    'strip-1.png',
    'strip-2.png',
    'strip-3.png',
    'table.md',
  ]);
  // 6 columns and 6 rows of 32·4 pixels with gaps of 8; margins 24, prompts 168, headings 44 + 76.
  const grid = await sharp(files.grid).metadata();
  expect([grid.width, grid.height, grid.channels]).toEqual([48 + 168 + 6 * 136, 48 + 120 + 6 * 136, 3]);
  // 11 frames of 4 seeds at 32·3 pixels.
  const strip = await sharp(files.strips[0]).metadata();
  expect([strip.width, strip.height]).toEqual([48 + 11 * 104 - 8, 24 + 64 + 4 * 104 + 56 + 16]);
  const json = JSON.parse(await readFile(files.json, 'utf8')) as Comparison;
  expect(json.columns[0]?.metrics['fdToReal']).toBe(11.3);
});

test('a pixel of an image is a square of its colour in the grid', async () => {
  const red = new Float32Array(sample.prompts.length * 32 * 32 * 3).map((_, i) => (i % 3 === 0 ? 1 : -1));
  const columns = sample.columns.map((column, index) =>
    index === 1 ? { ...column, images: { ...column.images, data: red } } : column,
  );
  const { grid } = await writeReport({ ...sample, columns }, path.join(folder, 'red'));
  const box = { left: 24 + 168 + 136, top: 24 + 120, width: 128, height: 128 };
  const cell = await sharp(grid).extract(box).raw().toBuffer();
  expect(cell.equals(Buffer.alloc(128 * 128 * 3, Buffer.from([255, 0, 0])))).toBe(true);
});

test('an earlier report is replaced, nothing is left behind, and foreign files are never touched', async () => {
  const parent = path.join(folder, 'again');
  const target = path.join(parent, 'report');
  await writeReport(sample, target);
  const files = await writeReport({ ...sample, title: 'The second', strips: [] }, target);
  expect(await readFile(files.page, 'utf8')).toContain('<h1>The second</h1>');
  expect(await readdir(parent)).toEqual(['report']);
  expect(await readdir(target)).not.toContain('strip-1.png');
  await writeFile(path.join(target, 'holiday.jpg'), 'mine');
  await expect(writeReport(sample, target)).rejects.toMatchObject({ code: 'input-invalid' });
  expect(await readFile(path.join(target, 'holiday.jpg'), 'utf8')).toBe('mine');
  expect(await readdir(parent)).toEqual(['report']);
});

test('data that contradict themselves are refused before anything is written', async () => {
  const target = path.join(folder, 'wrong');
  const { columns } = sample;
  await expect(writeReport({ ...sample, prompts: ['one'] }, target)).rejects.toThrow(
    /6 images for 1 prompts/,
  );
  await expect(writeReport({ ...sample, columns: columns.toReversed() }, target)).rejects.toThrow(
    /reference/,
  );
  expect(await readdir(folder)).not.toContain('wrong');
});

test('the page is one file: no address, and its policy allows its own script only', async () => {
  const { page } = await writeReport(sample, path.join(folder, 'alone'));
  const text = await readFile(page, 'utf8');
  const reaching = /https?:\/\/|\bsrc="(?!data:)|@import|url\(|<link(?! rel="icon" href="data:)/i;
  expect(reaching.exec(text)?.[0]).toBeUndefined();
  const [, script = ''] = /<script>([^]*)<\/script>/.exec(text) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  expect(text).toContain(`script-src &#39;sha256-${hash}&#39;`);
  expect(text.match(/<script/g)).toHaveLength(1);
});

test('what others wrote stays text in HTML, Markdown and CSV', () => {
  expect(escapeMarkup(`<b>&"'\u0000\ud800\n`)).toBe('&lt;b&gt;&amp;&quot;&#39;\uFFFD\uFFFD ');
  expect(html`<p title="${'"><script>'}">${['a<', new Markup('<i>')]}${3}</p>`.source).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">a&lt;<i>3</p>',
  );
  const [first, ...others] = sample.columns;
  if (!first) throw new Error('The sample has columns.');
  const hostile = { ...sample, columns: [{ ...first, id: '=1+1', label: '=cmd|"x"\n[a](b)' }, ...others] };
  expect(metricsCsv(hostile).split('\r\n')[1]).toMatch(
    /^'=1\+1,"'=cmd\|""x""\n\[a\]\(b\)",reference,50,100,1\.92,11\.3,/,
  );
  expect(tableMarkdown(comparisonTable(hostile)).split('\n')[2]).toMatch(
    /^\| =cmd&#124;"x" &#91;a&#93;\(b\) \| 50 \| 100 \| 1\.92 s \| 1× \|/,
  );
});

test('the best values are marked among the models that are compared, not in the reference', () => {
  const lines = tableMarkdown(comparisonTable(sample)).split('\n');
  expect(lines[2]).not.toContain('**');
  expect(lines[5]).toContain('| **15.8** |');
  expect(lines[6]).toContain('| **1** | **21 ms** | 91× | 19.4 |');
});
