/** One measure over the iterations: a line for each variant's mean, a band from its least to its greatest seed. */
import { describeMeasure } from '../experiments/measures.ts';
import type { Report, ReportRow } from '../experiments/report.ts';
import { label, line, rounded, seriesTone, type Drawing, type Mark } from './drawing.ts';
import { linearAxis, tickText } from './scale.ts';

const [width, height] = [360, 240];
const [left, right, top, bottom] = [44, width - 10, 30, height - 34];

/** Undefined where no run was measured over time. */
export function curveChart({ rows }: Report, measure: string): Drawing | undefined {
  const students = rows.filter(({ isBaseline }) => !isBaseline);
  const series = students.map((row) => spreadOf(row, measure));
  const all = series.flat();
  if (!series.some((points) => points.length > 1)) return undefined;
  const reference = rows.findLast(({ isBaseline }) => isBaseline)?.summary[measure]?.mean;
  const x = linearAxis([0, ...all.map(({ step }) => step)], left, right);
  const levels = all.flatMap(({ least, most }) => [least, most]);
  const y = linearAxis([...levels, ...(reference === undefined ? [] : [reference])], bottom, top);
  const { label: name } = describeMeasure(measure);
  const marks: Mark[] = [
    label(name, left, 16, { size: 12, bold: true, tone: 'ink' }),
    ...y.ticks.flatMap((tick) => [
      line(
        [
          [left, y.place(tick)],
          [right, y.place(tick)],
        ],
        'line',
      ),
      label(tickText(tick), left - 6, y.place(tick) + 4, { anchor: 'end', size: 10 }),
    ]),
    ...x.ticks.map((tick) =>
      label(tickText(tick), x.place(tick), bottom + 16, { anchor: 'middle', size: 10 }),
    ),
    label('iteration', right, height - 4, { anchor: 'end', size: 10 }),
  ];
  series.forEach((points, index) => {
    if (points.length < 2) return;
    const tone = seriesTone(index);
    const edge = [
      ...points.map(({ step, most }) => [x.place(step), y.place(most)]),
      ...points.toReversed().map(({ step, least }) => [x.place(step), y.place(least)]),
    ];
    const d = edge
      .map(([px = 0, py = 0], i) => `${i === 0 ? 'M' : 'L'}${rounded(px)} ${rounded(py)}`)
      .join('');
    marks.push({ tag: 'path', attributes: { d: `${d}Z`, 'fill-opacity': 0.15 }, fill: tone });
    marks.push(
      line(
        points.map(({ step, mean }) => [x.place(step), y.place(mean)]),
        tone,
        1.8,
      ),
    );
  });
  if (reference !== undefined) {
    const level = y.place(reference);
    marks.push(
      line(
        [
          [left, level],
          [right, level],
        ],
        'ink',
        1,
        '2 4',
      ),
    );
  }
  return {
    ...{ width, height, marks },
    description: `${name} over the iterations, a line for each of ${students.length} variants.`,
  };
}

/** At each iteration that every seed was measured at. */
function spreadOf({ cells }: ReportRow, measure: string) {
  const curves = cells.map(({ curves: all }) => new Map(all[measure] ?? [])).filter(({ size }) => size > 0);
  const steps = [...(curves[0]?.keys() ?? [])].filter((step) => curves.every((curve) => curve.has(step)));
  return steps.map((step) => {
    const values = curves.map((curve) => curve.get(step) ?? NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { step, mean, least: Math.min(...values), most: Math.max(...values) };
  });
}
