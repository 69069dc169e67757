/** The real command line as a child process, on a data folder of the test's own; the native engine is the machine's. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll } from 'vitest';
import { z } from 'zod';

const program = path.resolve(import.meta.dirname, '../../electron/cli.ts');

const eventSchema = z.looseObject({ event: z.string() });
export type CommandEvent = z.infer<typeof eventSchema>;

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface CommandLine {
  /** A fresh folder for all that the tests of this file make; the data folder is `data` in it. */
  readonly folder: string;
  run(words: readonly string[], options?: RunOptions): Promise<Outcome>;
}

export interface RunOptions {
  readonly data?: string;
  /** Instead of this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Interrupts the command, as Ctrl-C does, once its output matches. */
  readonly interruptAt?: RegExp;
  /** With what; `SIGKILL` leaves it no last word. */
  readonly interruptBy?: NodeJS.Signals;
}

export function useCommandLine(): CommandLine {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'command-'));
    return async () => {
      await rm(folder, { recursive: true });
    };
  });
  return {
    get folder() {
      return folder;
    },
    run: (
      words,
      {
        data = path.join(folder, 'data'),
        environment = process.env,
        interruptAt,
        interruptBy = 'SIGINT',
      } = {},
    ) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [program, ...words], {
          cwd: folder,
          env: { ...environment, STILLROOM_DATA: data, NO_COLOR: '1' },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [output, errors, interrupted] = ['', '', false];
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          if (interrupted || interruptAt?.test(output) !== true) return;
          interrupted = true;
          child.kill(interruptBy);
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
        child.on('error', reject).on('close', (code) => resolve({ code, output, errors }));
      }),
  };
}

/** What `--json` printed. */
export const eventsOf = ({ output }: Outcome): CommandEvent[] =>
  output
    .trim()
    .split('\n')
    .map((line) => eventSchema.parse(JSON.parse(line)));

/** The arguments of a teacher that trains in moments; `iterations` and more fields may follow. */
export const tinyToy = [
  'train-teacher',
  '--data=toy',
  '--network.width=16',
  '--network.layers=1',
  '--training.batch=8',
];
