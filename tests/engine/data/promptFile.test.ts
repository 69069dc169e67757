import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readPrompts } from '../../../engine/data/promptFile.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();

async function fileOf(content: string | Uint8Array): Promise<string> {
  const file = path.join(data.folder, 'prompts.txt');
  await writeFile(file, content);
  return file;
}

it('reads one prompt a line, whatever ends a line and stands around it', async () => {
  const file = await fileOf('\uFEFFa red bird\r\n\n  ein Vogel, blau \rアオジ\n\t\n');
  expect(await readPrompts(file)).toEqual(['a red bird', 'ein Vogel, blau', 'アオジ']);
});

it.each([
  { what: 'only empty lines', content: ' \n\n', message: 'holds no prompts' },
  { what: 'no text', content: new Uint8Array([0x61, 0xff, 0xfe, 0x0a]), message: 'is no text in UTF-8' },
])('refuses $what in one sentence', async ({ content, message }) => {
  await expect(readPrompts(await fileOf(content))).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining(message) as string,
  });
});

it('names a file that is gone, and a folder', async () => {
  await expect(readPrompts(path.join(data.folder, 'gone.txt'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(readPrompts(data.folder)).rejects.toThrow('is no file');
});
