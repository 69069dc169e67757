/** Which figures a report has. */
import type { Report } from '../experiments/report.ts';
import { curveChart } from './curveChart.ts';
import type { Drawing } from './drawing.ts';
import { intervalChart } from './intervalChart.ts';
import { parallelChart } from './parallelChart.ts';
import { viewChart, viewedTaus } from './viewChart.ts';

export interface Figure {
  /** Also the name of its file. */
  readonly id: string;
  readonly kind: 'interval' | 'curve' | 'parallel';
  readonly drawing: Drawing;
}

/** Those that are drawn as curves through the training. */
const curves = ['mean', 'std', 'toTeacher'] as const;
const MOST_INTERVALS = 4;

export function reportFigures(report: Report): Figure[] {
  const figure = (kind: Figure['kind'], name: string, drawing: Drawing | undefined): Figure[] =>
    drawing ? [{ id: `${kind}-${name.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`, kind, drawing }] : [];
  return [
    ...report.measures
      .filter((measure) => !measure.includes('@'))
      .slice(0, MOST_INTERVALS)
      .flatMap((measure) => figure('interval', measure, intervalChart(report, measure))),
    ...viewedTaus(report).flatMap((tau) => figure('curve', `views-${tau}`, viewChart(report, tau))),
    ...curves.flatMap((measure) => figure('curve', measure, curveChart(report, measure))),
    // Named variants differ in more ways than axes can say.
    ...(report.experiment === null ? figure('parallel', 'coordinates', parallelChart(report)) : []),
  ];
}
