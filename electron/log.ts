/** What went wrong, kept in the data folder: the newest megabyte or two, for people who ask for help. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';

const LARGEST = 2 ** 20;

export class Log {
  private readonly file: string;

  constructor(dataFolder: string) {
    const folder = path.join(dataFolder, 'logs');
    mkdirSync(folder, { recursive: true });
    this.file = path.join(folder, 'stillroom.log');
  }

  /** Also told on the terminal. @param where names what was done, e.g. a request */
  fault(where: string, error: unknown): void {
    console.error(`${where}:`, error);
    if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST)
      renameSync(this.file, `${this.file}.1`);
    appendFileSync(this.file, `${new Date().toISOString()} ${where}: ${inspect(error)}\n`);
  }

  async read(): Promise<string> {
    const read = (file: string) => readFile(file, 'utf8').catch(() => '');
    return (await read(`${this.file}.1`)) + (await read(this.file));
  }
}
