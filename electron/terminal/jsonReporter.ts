/** Reports as JSON, one object a line, for other programs: `{"event": …, "atSeconds": …, …}`. */
import { StudioError } from '../../engine/contract/errors.ts';
import { Pace } from './pace.ts';
import type { NoteLevel, Output, Progress, Reporter } from './reporter.ts';
import type { Table } from './table.ts';

/** Every `atSeconds` counts from the start; numbers that are not finite are null. */
export type ReportEvent =
  | { event: 'phase'; name: string; detail: string }
  | ({ event: 'progress'; phase: string; remainingSeconds: number; secondsPerStep: number } & Progress)
  | { event: 'metrics'; phase: string; done: number; values: Readonly<Record<string, number>> }
  | { event: 'note'; level: NoteLevel; text: string }
  | { event: 'table'; title: string; columns: string[]; rows: Table['rows'] }
  | { event: 'done'; summary: string; facts: Readonly<Record<string, unknown>> }
  | { event: 'failed'; code: string; message: string; hint: string; field?: string };

export class JsonReporter implements Reporter {
  private readonly output: Output;
  private readonly now: () => number;
  private readonly startedAt: number;
  private name = '';
  private pace: Pace | undefined;
  private counted = 0;

  constructor(output: Output, now: () => number) {
    this.output = output;
    this.now = now;
    this.startedAt = now();
  }

  phase(name: string, detail = ''): void {
    this.name = name;
    this.pace = undefined;
    this.counted = 0;
    this.emit({ event: 'phase', name, detail });
  }

  progress(progress: Progress): void {
    this.pace ??= new Pace(progress.done, this.now);
    this.pace.advance(progress.done, progress.activity);
    this.counted = progress.done;
    this.emit({
      event: 'progress',
      phase: this.name,
      ...progress,
      remainingSeconds: this.pace.remainingSeconds(progress.total),
      secondsPerStep: this.pace.secondsPerStep,
    });
  }

  metrics(values: Readonly<Record<string, number>>): void {
    this.emit({ event: 'metrics', phase: this.name, done: this.counted, values });
  }

  note(text: string, level: NoteLevel = 'info'): void {
    this.emit({ event: 'note', level, text });
  }

  table({ title = '', columns, rows }: Table): void {
    this.emit({ event: 'table', title, columns: columns.map(({ label }) => label), rows });
  }

  done(summary: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.emit({ event: 'done', summary, facts });
  }

  failed(error: unknown): void {
    const { code, message, hint, field } =
      error instanceof StudioError
        ? error
        : { code: 'internal', message: String(error), hint: '', field: undefined };
    this.emit({ event: 'failed', code, message, hint, ...(field === undefined ? {} : { field }) });
  }

  private emit(event: ReportEvent): void {
    const atSeconds = Math.round(this.now() - this.startedAt) / 1000;
    const { event: name, ...rest } = event;
    this.output.write(`${JSON.stringify({ event: name, atSeconds, ...rest })}\n`);
  }
}
