/** Reports for people: redrawn in place on a terminal, plain lines every few seconds in a log or a pipe. */
import { StudioError } from '../../engine/contract/errors.ts';
import { createPalette, wantsColour, type Palette } from './colour.ts';
import { LiveArea } from './liveArea.ts';
import { Pace } from './pace.ts';
import { describePhase, drawPhase, summarizePhase, type PhaseView } from './progress.ts';
import type { NoteLevel, Output, Progress, Reporter } from './reporter.ts';
import { renderTable, type Table } from './table.ts';
import { plainLine } from './textWidth.ts';
import { Trend } from './trend.ts';

const redrawMilliseconds = 100;
const plainMilliseconds = 5000;

type Counted = NonNullable<PhaseView['counted']>;

export class TerminalReporter implements Reporter {
  private readonly output: Output;
  private readonly now: () => number;
  private readonly palette: Palette;
  private readonly live: LiveArea | undefined;
  private current:
    { name: string; detail: string; counted: Counted | undefined; metrics: Map<string, Trend> } | undefined;
  private drawnAt = -Infinity;

  constructor(output: Output, environment: NodeJS.ProcessEnv, now: () => number) {
    this.output = output;
    this.now = now;
    const isTerminal = output.isTTY === true;
    this.palette = createPalette(wantsColour(isTerminal, environment));
    const canRedraw = isTerminal && environment['TERM'] !== 'dumb';
    this.live = canRedraw ? new LiveArea(output) : undefined;
  }

  phase(name: string, detail = ''): void {
    this.endPhase();
    this.current = {
      name: plainLine(name),
      detail: plainLine(detail),
      counted: undefined,
      metrics: new Map(),
    };
    this.drawnAt = -Infinity;
    if (this.live) this.draw();
    else this.print(detail ? `${this.current.name}: ${this.current.detail}` : this.current.name);
  }

  progress({ done, total, unit = '', activity }: Progress): void {
    const phase = this.requirePhase();
    const pace = phase.counted?.pace ?? new Pace(done, this.now);
    pace.advance(done, activity);
    const isTold = done === total || activity !== phase.counted?.activity || phase.counted === undefined;
    phase.counted = { pace, done, total, unit, activity };
    this.draw(this.live ? isTold : done === total && activity === undefined);
  }

  metrics(values: Readonly<Record<string, number>>): void {
    const { metrics } = this.requirePhase();
    for (const [name, value] of Object.entries(values)) {
      const trend = metrics.get(name) ?? new Trend();
      trend.push(value);
      metrics.set(name, trend);
    }
    this.draw();
  }

  note(text: string, level: NoteLevel = 'info'): void {
    const mark = level === 'warning' ? this.palette.warning('!') : this.palette.dim('·');
    this.print(`${mark} ${plainLine(text)}`);
  }

  table(table: Table): void {
    this.print(`\n${renderTable(table, this.palette)}`);
  }

  done(summary: string): void {
    this.endPhase();
    this.print(this.palette.bold(plainLine(summary)));
  }

  failed(error: unknown): void {
    this.live?.clear();
    this.current = undefined;
    const message = error instanceof Error ? error.message : String(error);
    this.print(`${this.palette.bad('✗')} ${this.palette.bold(plainLine(message))}`);
    if (error instanceof StudioError && error.hint) this.print(`  ${plainLine(error.hint)}`);
  }

  private requirePhase(): NonNullable<TerminalReporter['current']> {
    if (!this.current) throw new Error('Progress was told before the first phase.');
    return this.current;
  }

  private draw(isDue = false): void {
    if (!this.current) return;
    const wait = this.live ? redrawMilliseconds : plainMilliseconds;
    if (!isDue && this.now() - this.drawnAt < wait) return;
    this.drawnAt = this.now();
    if (this.live) this.live.show(drawPhase(this.current, this.live.width, this.palette));
    else this.print(describePhase(this.current));
  }

  private endPhase(): void {
    if (!this.current) return;
    this.live?.clear();
    const summary = summarizePhase(this.current, this.palette);
    this.current = undefined;
    this.print(summary);
  }

  /** Above the live area, which is drawn anew below. */
  private print(text: string): void {
    this.live?.clear();
    this.output.write(`${text}\n`);
    if (this.live && this.current) this.live.show(drawPhase(this.current, this.live.width, this.palette));
  }
}
