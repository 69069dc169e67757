/** What long work tells whoever watches it. How that looks is the business of the two implementations. */
import { JsonReporter } from './jsonReporter.ts';
import type { Table } from './table.ts';
import { TerminalReporter } from './terminalReporter.ts';

export interface Progress {
  /** Above 0 at a phase's first call when the work is resumed. */
  readonly done: number;
  readonly total: number;
  /** What is counted, in the plural: `steps`, `images`. */
  readonly unit?: string;
  /**
   * What is done now between two steps, e.g. `saving`: the time until the next call is counted as its, so call once
   * with it before such work and once without it after.
   */
  readonly activity?: string;
}

export interface Reporter {
  /** Begins a part of the work and ends the one before. */
  phase(name: string, detail?: string): void;
  progress(progress: Progress): void;
  /** Diagnostics of the step that `progress` tells of. */
  metrics(values: Readonly<Record<string, number>>): void;
  note(text: string, level?: NoteLevel): void;
  table(table: Table): void;
  /** Ends the last phase; `facts` are what another program may want to know, e.g. where the result lies. */
  done(summary: string, facts?: Readonly<Record<string, unknown>>): void;
  /** Ends the last phase as failed and says what happened and what to do. */
  failed(error: unknown): void;
}

/** Tells nobody. */
export const silentReporter: Reporter = {
  phase: () => undefined,
  progress: () => undefined,
  metrics: () => undefined,
  note: () => undefined,
  table: () => undefined,
  done: () => undefined,
  failed: () => undefined,
};

export type NoteLevel = 'info' | 'warning';

/** Where reports go: a process's standard output, or a test's own. */
export interface Output {
  readonly isTTY?: boolean;
  /** Of the terminal; may change while it runs. */
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ReporterOptions {
  /** One JSON object a line and nothing else; see `jsonReporter.ts` for the events. */
  readonly json?: boolean;
  readonly output?: Output;
  readonly environment?: NodeJS.ProcessEnv;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

export function createReporter({
  json = false,
  output = process.stdout,
  environment = process.env,
  now = () => performance.now(),
}: ReporterOptions = {}): Reporter {
  return json ? new JsonReporter(output, now) : new TerminalReporter(output, environment, now);
}
