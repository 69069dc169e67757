/** Runs one program to its end and keeps what it said. */
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** `undefined` when the program does not exist. */
  readonly exitCode: number | undefined;
  /** Standard output and error together. */
  readonly output: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves also for a program that fails; rejects with an `AbortError` once the signal has ended it. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { env = {}, signal }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal ? { signal } : {}),
    });
    let output = '';
    let failure: NodeJS.ErrnoException | undefined;
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => (failure = error));
    // `close` follows `error`: nothing is settled while the program can still write.
    child.once('close', (code) => {
      if (failure?.code === 'ENOENT') resolve({ exitCode: undefined, output: '' });
      else if (failure) reject(failure);
      else resolve({ exitCode: code ?? 1, output });
    });
  });
}

/** The first of the programs that answers to `args` with success, or undefined. */
export async function findProgram(
  programs: readonly string[],
  args: readonly string[],
): Promise<string | undefined> {
  for (const program of programs) {
    const { exitCode } = await runCommand(program, args);
    if (exitCode === 0) return program;
  }
  return undefined;
}
