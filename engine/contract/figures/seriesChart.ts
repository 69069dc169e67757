/** Lines over the iterations, each a mean over seeds with a band from the least to the greatest. */
import type { ReportRow } from '../experiments/report.ts';
import { label, line, rounded, type Drawing, type Mark, type Tone } from './drawing.ts';
import { linearAxis, tickText } from './scale.ts';

export interface Series {
  readonly tone: Tone;
  readonly points: readonly Spread[];
  /** Written above the chart in the line's colour, where no legend tells it. */
  readonly name?: string;
}

export interface Spread {
  readonly step: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

const [width, height] = [360, 240];
const [left, right, top, bottom] = [44, width - 10, 30, height - 34];

/** Undefined where nothing was measured over time. `reference` is a dotted level. */
export function seriesChart(
  title: string,
  series: readonly Series[],
  reference?: number,
): Omit<Drawing, 'description'> | undefined {
  const shown = series.filter(({ points }) => points.length > 1);
  if (shown.length === 0) return undefined;
  const all = shown.flatMap(({ points }) => points);
  const x = linearAxis([0, ...all.map(({ step }) => step)], left, right);
  const levels = all.flatMap(({ least, most }) => [least, most]);
  const y = linearAxis([...levels, ...(reference === undefined ? [] : [reference])], bottom, top);
  const across = (value: number): [number, number][] => [
    [left, y.place(value)],
    [right, y.place(value)],
  ];
  const marks: Mark[] = [
    label(title, left, 16, { size: 12, bold: true, tone: 'ink' }),
    ...y.ticks.flatMap((tick) => [
      line(across(tick), 'line'),
      label(tickText(tick), left - 6, y.place(tick) + 4, { anchor: 'end', size: 10 }),
    ]),
    ...x.ticks.map((tick) =>
      label(tickText(tick), x.place(tick), bottom + 16, { anchor: 'middle', size: 10 }),
    ),
    label('iteration', right, height - 4, { anchor: 'end', size: 10 }),
    ...names(shown),
  ];
  for (const { tone, points } of shown) {
    const edge = [
      ...points.map(({ step, most }) => [x.place(step), y.place(most)]),
      ...points.toReversed().map(({ step, least }) => [x.place(step), y.place(least)]),
    ];
    const d = edge.map(([px = 0, py = 0], i) => `${i === 0 ? 'M' : 'L'}${rounded(px)} ${rounded(py)}`);
    marks.push({ tag: 'path', attributes: { d: `${d.join('')}Z`, 'fill-opacity': 0.15 }, fill: tone });
    const means = points.map(({ step, mean }): [number, number] => [x.place(step), y.place(mean)]);
    marks.push(line(means, tone, 1.8));
  }
  if (reference !== undefined) marks.push(line(across(reference), 'ink', 1, '2 4'));
  return { width, height, marks };
}

/** About the width of a letter at the size of names. */
const LETTER = 6.2;

function names(series: readonly Series[]): Mark[] {
  let end = right;
  return series.toReversed().flatMap(({ name, tone }) => {
    if (name === undefined) return [];
    const mark = label(name, end, 16, { anchor: 'end', tone });
    end -= (name.length + 2) * LETTER;
    return [mark];
  });
}

/** A measure of a variant at each iteration that every seed was measured at. */
export function spreadOf({ cells }: ReportRow, measure: string): Spread[] {
  const curves = cells.map(({ curves: all }) => new Map(all[measure] ?? [])).filter(({ size }) => size > 0);
  const steps = [...(curves[0]?.keys() ?? [])].filter((step) => curves.every((curve) => curve.has(step)));
  return steps.map((step) => {
    const values = curves.map((curve) => curve.get(step) ?? NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { step, mean, least: Math.min(...values), most: Math.max(...values) };
  });
}
