/** A text file of prompts: one a line, in UTF-8; empty lines and space around a prompt do not count. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../contract/errors.ts';

/** Bytes. */
const LARGEST = 32 * 2 ** 20;

/** @throws StudioError 'not-found', or 'input-invalid' for a file without prompts, too large, or that is no text. */
export async function readPrompts(file: string): Promise<string[]> {
  const name = path.basename(file);
  const invalid = (what: string, cause?: unknown) =>
    new StudioError(
      'input-invalid',
      `“${name}” ${what}.`,
      'Choose a text file in UTF-8 with one prompt a line.',
      { cause },
    );
  const found = await stat(file).catch((cause: unknown) => {
    throw new StudioError('not-found', `“${name}” is not there any more.`, 'Choose the prompts again.', {
      cause,
    });
  });
  if (!found.isFile()) throw invalid('is no file');
  if (found.size > LARGEST) throw invalid('is larger than 32 MiB');
  const text = decoded(await readFile(file));
  if (text === undefined) throw invalid('is no text in UTF-8');
  const prompts = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (prompts.length === 0) throw invalid('holds no prompts');
  return prompts;
}

/** Without a byte-order mark; undefined for what is no UTF-8. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
