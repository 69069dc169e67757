/** SLURM by its own commands: programs with arguments and never a shell, each given up after a while. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ClusterOptions } from '../../engine/contract/cluster.ts';
import { StudioError } from '../../engine/contract/errors.ts';

export interface ArrayJob {
  /** By which it is found again if the answer is lost; no other job has it. */
  readonly name: string;
  readonly tasks: number;
  /** Where the tasks' output goes. */
  readonly folder: string;
  readonly options: ClusterOptions;
  /** What each task runs, and its arguments. */
  readonly script: string;
  readonly words: readonly string[];
}

/** Before its time is over a task is told to save. */
const SECONDS_TO_SAVE = 90;

/** Whether there is a cluster to submit to. Electron's program is no Node, which tasks need. */
export const hasSlurm = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  !('electron' in process.versions) &&
  (environment['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, 'sbatch'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export class Slurm {
  private readonly timeout: number;
  private readonly signal: AbortSignal | undefined;

  /** @param timeout milliseconds after which a command without answer is ended, as all are by the signal. */
  constructor({
    timeout = 20_000,
    signal,
  }: { readonly timeout?: number; readonly signal?: AbortSignal } = {}) {
    this.timeout = timeout;
    this.signal = signal;
  }

  /** @returns the array job's number. @throws StudioError 'cluster-unavailable'; it may be submitted all the same. */
  async submit({ name, tasks, folder, options, script, words }: ArrayJob): Promise<string> {
    const { partition, time, cpus, memory, gpus, parallel, extra } = options;
    const answer = await this.ask('sbatch', [
      '--parsable',
      `--job-name=${name}`,
      `--array=0-${tasks - 1}%${parallel}`,
      `--output=${path.join(folder, '%a.log').replaceAll(/%(?!a\.log$)/g, '%%')}`,
      '--open-mode=append',
      '--requeue',
      `--signal=B:TERM@${SECONDS_TO_SAVE}`,
      `--time=${time}`,
      `--cpus-per-task=${cpus}`,
      `--mem=${memory}`,
      ...(gpus > 0 ? [`--gres=gpu:${gpus}`] : []),
      ...(partition === '' ? [] : [`--partition=${partition}`]),
      ...extra,
      script,
      ...words,
    ]);
    const [, job] = /^(\d+)(?:;.*)?$/m.exec(answer.trim()) ?? [];
    if (job !== undefined) return job;
    throw unavailable('sbatch answered without a number.', answer);
  }

  /** The newest job of that name; undefined where the cluster knows none. */
  async find(name: string): Promise<string | undefined> {
    const queued = await this.ask('squeue', ['--noheader', '--states=all', `--name=${name}`, '--format=%F']);
    return /\d+/.exec(queued)?.[0];
  }

  /**
   * SLURM's own words for the states of a job's tasks, by their places; one that it forgot is missing. Accounting is
   * asked only for what the queue forgot, since its database is slow.
   */
  async states(job: string, places: readonly number[]): Promise<Map<number, string>> {
    const queued = await this.ask('squeue', [
      ...['--noheader', '--states=all', '--array'],
      ...[`--jobs=${job}`, '--format=%K|%T'],
    ]).catch((error: unknown) => {
      if (isForgotten(error)) return '';
      throw error;
    });
    const states = byPlace(queued.matchAll(/^(\d+)\|(\w+)/gm));
    if (places.every((place) => states.has(place))) return states;
    return new Map([...(await this.accounted(job)), ...states]);
  }

  /** All of the job. */
  async cancel(job: string): Promise<void> {
    await this.ask('scancel', [job]).catch((error: unknown) => {
      if (!isForgotten(error)) throw error;
    });
  }

  /** What accounting knows; nothing where the cluster keeps none. */
  private async accounted(job: string): Promise<Map<number, string>> {
    const words = ['--noheader', '--parsable2', '--allocations', `--jobs=${job}`, '--format=JobID,State'];
    const answer = await this.ask('sacct', words).catch(() => '');
    return byPlace(answer.matchAll(/^\d+_(\d+)\|(\w+)/gm));
  }

  private async ask(program: string, words: readonly string[]): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)(program, words, {
        ...(this.signal && { signal: this.signal }),
        ...{ timeout: this.timeout, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' },
      });
      return stdout;
    } catch (cause) {
      const { code, killed, stderr } = failureSchema.parse(cause);
      if (code === 'ENOENT') throw unavailable(`“${program}” was not found on this computer.`, cause);
      if (killed) throw unavailable(`“${program}” said nothing for ${this.timeout / 1000} s.`, cause);
      const said =
        stderr
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/^\w+: (?:error: |fatal: )?/, '') ?? '';
      throw unavailable(`“${program}” says: ${said === '' ? 'nothing' : said}`, cause);
    }
  }
}

const byPlace = (lines: Iterable<RegExpExecArray>): Map<number, string> =>
  new Map([...lines].map(([, place, state]) => [Number(place), state ?? '']));

const failureSchema = z.object({
  code: z.union([z.string(), z.number(), z.null()]).optional(),
  killed: z.boolean().default(false),
  stderr: z.string().default(''),
});

const unavailable = (what: string, cause: unknown): StudioError =>
  new StudioError(
    'cluster-unavailable',
    `The cluster did not take the request: ${what}`,
    'Nothing is lost, and the queue is as it was; try again when the cluster answers.',
    { cause },
  );

const isForgotten = (error: unknown): boolean =>
  error instanceof StudioError && /invalid job id/i.test(error.message);

/** Whether a task that SLURM calls so may still do something. */
export const isAlive = (state: string | undefined): boolean =>
  state !== undefined &&
  !/^(BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PREEMPTED|REVOKED|TIMEOUT)$/.test(
    state,
  );
