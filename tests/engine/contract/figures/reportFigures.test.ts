import { describe, expect, test } from 'vitest';
import type { Report, ReportRow } from '../../../../engine/contract/experiments/report.ts';
import { curveChart } from '../../../../engine/contract/figures/curveChart.ts';
import { intervalChart } from '../../../../engine/contract/figures/intervalChart.ts';
import { parallelChart } from '../../../../engine/contract/figures/parallelChart.ts';
import { reportFigures } from '../../../../engine/contract/figures/reportFigures.ts';
import { paper, svgOf } from '../../../../electron/features/sweeps/page/svg.ts';

const cell = (seed: number, values: readonly number[]): ReportRow['cells'][number] => ({
  ...{ seed, runId: null, status: 'done', problem: null, best: {}, picture: null, views: [] },
  final: { toTeacher: values.at(-1) ?? NaN },
  curves: { toTeacher: values.map((value, i) => [10 * i, value]) },
});

const row = (key: string, steps: number, mean: number): ReportRow => ({
  ...{ key, name: key, isBaseline: false, changes: { 'student.steps': steps } },
  cells: [cell(1, [1, 0.8, mean - 0.1]), cell(2, [1, 0.6, mean + 0.1])],
  summary: { toTeacher: { mean, margin: 0.1, count: 2 } },
});

const report: Report = {
  ...{ format: 'stillroom-sweep', version: 1, name: 'R', createdAt: '2026-01-01T00:00:00Z' },
  ...{ experiment: null, claim: null, source: null, teacher: 'toy', seeds: [1, 2], samples: 64, recipe: {} },
  measures: ['toTeacher'],
  rows: [row('one', 1, 0.5), row('four <b>', 4, 0.3)],
  ...{ judgements: [], verdict: null, progress: { done: 4, total: 4 }, made: null },
};

/** Where a drawing's marks of one tag lie. */
const places = (drawing: ReturnType<typeof intervalChart>, tag: string, name: string) =>
  drawing?.marks.filter((mark) => mark.tag === tag).map(({ attributes }) => attributes[name]) ?? [];

describe('the interval chart', () => {
  test('puts the lower mean to the left, in its own row, with a dot for each seed', () => {
    const chart = intervalChart(report, 'toTeacher');
    const dots = chart?.marks.filter(({ tag }) => tag === 'circle') ?? [];
    expect(dots).toHaveLength(6);
    const means = dots
      .filter(({ attributes }) => attributes['r'] === 4.5)
      .map(({ attributes }) => attributes);
    expect(Number(means[1]?.['cx'])).toBeLessThan(Number(means[0]?.['cx']));
    expect(Number(means[1]?.['cy'])).toBeGreaterThan(Number(means[0]?.['cy']));
    expect(intervalChart(report, 'missing')).toBeUndefined();
  });

  test('is safe as SVG whatever a variant is called', () => {
    const chart = intervalChart(report, 'toTeacher');
    const svg = chart && svgOf(chart, paper);
    expect(svg).toContain('four &lt;b&gt;');
    expect(svg).not.toContain('<b>');
  });
});

test('the curve chart has a line and a band for each variant, and is not drawn for what has no curve', () => {
  const chart = curveChart(report, 'toTeacher');
  expect(places(chart, 'path', 'fill-opacity').filter((value) => value === 0.15)).toHaveLength(2);
  expect(curveChart(report, 'std')).toBeUndefined();
});

test('parallel coordinates have an axis for each varied field and measure, and need two variants', () => {
  const chart = parallelChart(report);
  expect(chart?.marks.filter(({ text }) => text === 'Steps' || text === 'To the teacher')).toHaveLength(2);
  expect(parallelChart({ ...report, rows: report.rows.slice(0, 1) })).toBeUndefined();
});

test('a report of an experiment leaves parallel coordinates out', () => {
  expect(reportFigures(report).map(({ id }) => id)).toEqual([
    'interval-toTeacher',
    'curve-toTeacher',
    'parallel-coordinates',
  ]);
  expect(reportFigures({ ...report, experiment: 'observer' })).toHaveLength(2);
});
