/** What teacher and fake score see of an observed student at one τ: how far each prediction spreads, through time. */
import type { Report } from '../experiments/report.ts';
import type { Drawing } from './drawing.ts';
import { seriesChart, spreadOf } from './seriesChart.ts';

/** The τ at which a report's students were looked at. */
export const viewedTaus = ({ measures }: Report): string[] =>
  measures.flatMap((measure) => /^teacherStd@(.+)$/.exec(measure)?.[1] ?? []);

/** Of the first variant that was observed; undefined where none was. */
export function viewChart({ rows }: Report, tau: string): Drawing | undefined {
  const row = rows.find(({ summary }) => summary[`fakeStd@${tau}`]);
  if (!row) return undefined;
  const chart = seriesChart(`Std of predictions, τ ${tau}`, [
    { name: 'student', tone: 'series0', points: spreadOf(row, 'std') },
    { name: 'teacher', tone: 'series1', points: spreadOf(row, `teacherStd@${tau}`) },
    { name: 'fake', tone: 'series2', points: spreadOf(row, `fakeStd@${tau}`) },
  ]);
  return (
    chart && {
      ...chart,
      description: `Deviation of the student’s samples, and of the teacher’s and the fake score’s predictions at τ ${tau}, over the iterations.`,
    }
  );
}
