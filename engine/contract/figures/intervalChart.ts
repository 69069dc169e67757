/** One measure of every variant: a dot for each seed, the mean and its 95 % interval. */
import { describeMeasure } from '../experiments/measures.ts';
import type { Report } from '../experiments/report.ts';
import { endsOf } from '../interval.ts';
import { dot, label, line, seriesTone, type Drawing, type Mark, type Tone } from './drawing.ts';
import { linearAxis, tickText } from './scale.ts';

const width = 560;
const [names, right, top, rowHeight, foot] = [170, width - 14, 34, 24, 26];

/** Undefined where nothing was measured. */
export function intervalChart({ rows }: Report, measure: string): Drawing | undefined {
  const students = rows.filter(({ isBaseline }) => !isBaseline);
  const shown = rows.filter(({ summary }) => summary[measure] !== undefined);
  if (shown.length === 0) return undefined;
  const bottom = top + shown.length * rowHeight;
  const values = shown.flatMap(({ summary, cells }) => {
    const interval = summary[measure];
    const ends = interval && endsOf(interval);
    return [...cells.flatMap(({ final }) => final[measure] ?? []), ends?.low ?? NaN, ends?.high ?? NaN];
  });
  const x = linearAxis(values, names, right, 5);
  const { label: name } = describeMeasure(measure);
  const marks: Mark[] = [
    label(name, names, 16, { size: 12, bold: true, tone: 'ink' }),
    ...x.ticks.flatMap((tick) => [
      line(
        [
          [x.place(tick), top - 6],
          [x.place(tick), bottom],
        ],
        'line',
      ),
      label(tickText(tick), x.place(tick), bottom + 16, { anchor: 'middle', size: 10 }),
    ]),
  ];
  shown.forEach((row, index) => {
    const y = top + (index + 0.5) * rowHeight;
    const tone: Tone = row.isBaseline ? 'soft' : seriesTone(students.indexOf(row));
    marks.push(label(shortened(row.name), names - 12, y + 4, { anchor: 'end', tone: 'ink' }));
    const interval = row.summary[measure];
    if (!interval) return;
    const { low, high } = endsOf(interval);
    if (interval.margin !== null) {
      marks.push(
        line(
          [
            [x.place(low), y],
            [x.place(high), y],
          ],
          tone,
          2.5,
        ),
      );
    }
    for (const { final } of row.cells) {
      const value = final[measure];
      if (value !== undefined && Number.isFinite(value)) marks.push(dot(x.place(value), y, 2.2, tone, 0.45));
    }
    marks.push(dot(x.place(interval.mean), y, 4.5, tone));
  });
  return {
    ...{ width, height: bottom + foot, marks },
    description: `${name} of ${shown.length} variants with 95 % intervals over the seeds.`,
  };
}

/** About what stands in the column of names. */
const LETTERS = 27;
const shortened = (name: string) => (name.length <= LETTERS ? name : `${name.slice(0, LETTERS - 1)}…`);
