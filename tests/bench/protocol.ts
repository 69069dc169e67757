/**
 * How the benchmark talks with its workers, one process a backend or library: a line of JSON on standard input asks,
 * a line on standard output answers. A worker that is not asked is idle, so that at most one is busy.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { NetworkConfig } from '../../engine/model/registry.ts';
import type { Iteration, Precision, Variant } from './workloads.ts';

/** The first line of a worker. */
export type Greeting =
  | { readonly unavailable: string }
  | {
      readonly device: string;
      readonly version: string;
      readonly threads: number | null;
      /** Until the library could compute. */
      readonly activationSeconds: number;
    };

export interface SamplingTask {
  readonly network: NetworkConfig;
  /** A guided teacher with 50 Euler steps, or a student with its few. */
  readonly kind: 'teacher' | 'student';
  readonly steps: number;
  readonly images: number;
}

/** What a worker can be asked for; Python's knows `flops` and neither `sample` nor `activations`. */
export interface Commands {
  /** Makes the workload and runs these iterations, so that everything is recorded or compiled. */
  prepare: {
    ask: { readonly id: string; readonly variant: Variant; readonly iterations: readonly Iteration[] };
    answer: {
      readonly firstIterationSeconds: number;
      /** From the process's start to the end of the first iteration. */
      readonly sinceStartSeconds: number;
      /** Growth of the process's memory; 0 where recording gave back more than the workload takes. */
      readonly residentBytes: number;
      readonly parameters: number;
    };
  };
  run: {
    ask: { readonly id: string; readonly iterations: readonly Iteration[] };
    answer: { readonly seconds: number };
  };
  /** Products of two 1024 × 1024 matrices. */
  matmul: { ask: { readonly precision: Precision }; answer: { readonly gigaflops: number } };
  /** From noise to PNG files' bytes, or to points. */
  sample: { ask: SamplingTask; answer: { readonly seconds: number } };
  /** Of every intermediate result of one forward pass, run eagerly. */
  activations: {
    ask: { readonly network: NetworkConfig; readonly batch: number };
    answer: { readonly bytes: number };
  };
  /** Of one sample's passes as the library counts them, a gather as nothing. */
  flops: {
    ask: { readonly network: NetworkConfig };
    answer: { readonly forward: number; readonly backward: number; readonly parameters: number };
  };
  memory: {
    ask: object;
    answer: { readonly residentBytes: number; readonly peakResidentBytes: number };
  };
}

export type Command = keyof Commands;

export class Worker {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  private constructor(child: ChildProcess, answers: AsyncIterator<string>) {
    this.child = child;
    this.answers = answers;
  }

  /** Starts a worker and reads its greeting. One that is unavailable has ended. */
  static async start(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly worker: Worker; readonly greeting: Greeting }> {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    const worker = new Worker(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    return { worker, greeting: (await worker.nextLine()) as Greeting };
  }

  /** @throws Error when the worker ends instead of answering; what it said is on standard error. */
  async ask<C extends Command>(command: C, ask: Commands[C]['ask']): Promise<Commands[C]['answer']> {
    this.child.stdin?.write(`${JSON.stringify({ command, ...ask })}\n`);
    return (await this.nextLine()) as Commands[C]['answer'];
  }

  /** Resolves when the process has ended. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    await ended;
  }

  private async nextLine(): Promise<unknown> {
    const line = await this.answers.next();
    if (line.done === true) throw new Error('A worker of the benchmark ended before it answered.');
    return JSON.parse(line.value);
  }
}
