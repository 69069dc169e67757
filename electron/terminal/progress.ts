/** One phase of work drawn as lines of text: bar, times and diagnostics. It prints nothing itself. */
import type { Palette } from './colour.ts';
import type { Pace } from './pace.ts';
import { formatDuration, formatNumber } from './quantities.ts';
import { pad, textWidth, truncate } from './textWidth.ts';
import { meter, type Trend } from './trend.ts';

export interface PhaseView {
  readonly name: string;
  readonly detail: string;
  /** Undefined as long as nothing was counted. */
  readonly counted:
    | {
        readonly pace: Pace;
        readonly done: number;
        readonly total: number;
        readonly unit: string;
        /** What is done between two steps now. */
        readonly activity: string | undefined;
      }
    | undefined;
  readonly metrics: ReadonlyMap<string, Trend>;
}

/** What a run is judged by while it goes on; where a phase has none of these, all of its numbers are shown. */
const headline = ['loss', 'fake_loss', 'dm_rel_gap', 'dm_cos', 'dm_to_ca', 'x_std'];
/** Images lie in [−1, 1]: their standard deviation cannot pass 1 unless they leave it. */
const xStdLimit = 1;
const diagnosticLines = 3;

/** For a terminal that is redrawn; no line is wider than `width`. */
export function drawPhase(phase: PhaseView, width: number, palette: Palette): string[] {
  const title = `${palette.accent('◆')} ${palette.bold(phase.name)}`;
  const lines = [phase.detail ? `${title}  ${palette.dim(phase.detail)}` : title];
  if (phase.counted) lines.push(drawBar(phase.counted, width, palette));
  const indent = '  ';
  for (const line of layOut(diagnostics(phase, palette), width - indent.length).slice(0, diagnosticLines)) {
    lines.push(indent + line);
  }
  return lines.map((line) => truncate(line, width));
}

function drawBar(counted: NonNullable<PhaseView['counted']>, width: number, palette: Palette): string {
  const { pace, done, total, unit, activity } = counted;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const remaining = pace.remainingSeconds(total);
  const facts = [
    `${done}/${total}${unit && ` ${unit}`}`,
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    formatDuration(pace.elapsedSeconds),
    Number.isFinite(remaining) ? `${formatDuration(remaining)} left` : 'measuring',
    ...(activity === undefined ? [] : [activity]),
    ...(activity === undefined && Number.isFinite(remaining) ? [formatRate(pace)] : []),
  ].join('  ');
  const barWidth = Math.min(40, width - textWidth(facts) - 4);
  if (barWidth < 8) return `  ${facts}`;
  const filled = Math.round(share * barWidth);
  const bar = palette.accent('━'.repeat(filled)) + palette.dim('─'.repeat(barWidth - filled));
  return `  ${bar}  ${facts}`;
}

/** For logs and pipes: the same on one line. */
export function describePhase(phase: PhaseView): string {
  const parts = [phase.name];
  if (phase.counted) {
    const { pace, done, total, unit, activity } = phase.counted;
    const remaining = pace.remainingSeconds(total);
    parts.push(`${done}/${total}${unit && ` ${unit}`}`, `${formatDuration(pace.elapsedSeconds)} elapsed`);
    if (Number.isFinite(remaining)) parts.push(`${formatDuration(remaining)} left`, formatRate(pace));
    if (activity !== undefined) parts.push(activity);
  }
  for (const [name, trend] of shown(phase)) parts.push(`${name} ${formatNumber(trend.latest)}`);
  return parts.join('  ');
}

/** What stays on the screen when a phase is over. */
export function summarizePhase(phase: PhaseView, palette: Palette): string {
  const parts = [`${palette.good('✓')} ${palette.bold(phase.name)}`];
  if (phase.counted) {
    const { pace, done, unit } = phase.counted;
    parts.push(`${done}${unit && ` ${unit}`} in ${formatDuration(pace.elapsedSeconds)}`);
    if (Number.isFinite(pace.secondsPerStep)) parts.push(palette.dim(formatRate(pace)));
  }
  return parts.join('  ');
}

/** `2.00 it/s`, or `4.1 s/it` for slow work. */
function formatRate({ secondsPerStep }: Pace): string {
  return secondsPerStep > 1
    ? `${formatNumber(secondsPerStep)} s/it`
    : `${formatNumber(1 / secondsPerStep)} it/s`;
}

function shown({ metrics }: PhaseView): [string, Trend][] {
  const chosen = headline.flatMap((name): [string, Trend][] => {
    const trend = metrics.get(name);
    return trend ? [[name, trend]] : [];
  });
  return chosen.length > 0 ? chosen : [...metrics];
}

function diagnostics(phase: PhaseView, palette: Palette): string[] {
  return shown(phase).map(([name, trend]) => {
    const value = pad(formatNumber(trend.latest), 6);
    const number = Number.isFinite(trend.latest) ? value : palette.bad(value);
    const picture = palette.accent(pad(trend.sparkline(10), 10));
    const gauge =
      name === 'x_std' ? ` ${palette.dim('▕')}${meterOf(trend.latest, palette)}${palette.dim('▏')}` : '';
    return `${palette.dim(name)} ${number} ${picture}${gauge}`;
  });
}

/** Above 0.9 of the limit nearly every pixel is fully dark or bright: the sign of over-baking. */
function meterOf(value: number, palette: Palette): string {
  const drawn = meter(value, xStdLimit, 10);
  return value > 0.9 * xStdLimit ? palette.warning(drawn) : palette.good(drawn);
}

/** Cells side by side as many as fit, in columns of equal width. */
function layOut(cells: readonly string[], width: number): string[] {
  const cellWidth = Math.max(0, ...cells.map(textWidth)) + 3;
  const columns = Math.max(1, Math.floor((width + 3) / cellWidth));
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += columns) {
    const row = cells.slice(i, i + columns).map((cell) => pad(cell, cellWidth));
    lines.push(row.join('').trimEnd());
  }
  return lines;
}
