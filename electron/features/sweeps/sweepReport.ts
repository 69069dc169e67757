/** A sweep's report from what the store holds, whether it is finished or not. */
import { access } from 'node:fs/promises';
import {
  judgeStatement,
  verdictOf,
  type BySeed,
  type Quantity,
} from '../../../engine/contract/experiments/claim.ts';
import { experiments } from '../../../engine/contract/experiments/experiments.ts';
import { describeMeasure, inOrder } from '../../../engine/contract/experiments/measures.ts';
import type { Report, ReportCell, ReportRow } from '../../../engine/contract/experiments/report.ts';
import { intervalOf, type Interval } from '../../../engine/contract/interval.ts';
import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { cellsOf, type Cell, type Scale } from '../../../engine/contract/sweep.ts';
import type { Store } from '../../store/database.ts';
import { QUALITY, readCurve, readMetrics } from '../../store/metrics.ts';
import { getRun } from '../../store/runs.ts';
import { listSamples } from '../../store/samples.ts';
import { listCells, type KeptCell, type KeptSweep } from '../../store/sweeps.ts';
import { baselinePicture, pictureFile, sweepPictures, viewPicture } from './sweepFolder.ts';

type Values = Record<string, number>;
type Curve = [number, number][];

/** Points of what each iteration tells. */
const PIECES = 60;

export async function readSweepReport(
  store: Store,
  kept: KeptSweep,
  made: Report['made'] = null,
): Promise<Report> {
  const { sweep, createdAt } = kept;
  const experiment = experiments.find(({ id }) => id === sweep.experiment);
  const begun = await listCells(store, kept.id);
  const cells = cellsOf(sweep);
  const rows: ReportRow[] = [];
  for (const variant of [...sweep.baselines, ...sweep.variants]) {
    const own = cells.filter((cell) => cell.variant === variant.key);
    const read = await Promise.all(own.map((cell) => readCell(store, kept, cell, begun)));
    const { key, name } = variant;
    const changes = 'changes' in variant ? variant.changes : {};
    rows.push({
      key,
      name,
      isBaseline: !('changes' in variant),
      changes,
      cells: read,
      summary: summaryOf(read),
    });
  }
  const scale: Scale = rows.some(({ summary }) => 'toUnguided' in summary) ? 'toy' : 'images';
  const judgements = (experiment?.statements ?? [])
    .filter((statement) => (statement.scale ?? scale) === scale)
    .map((statement) => judgeStatement(statement, (quantity) => measuredBySeed(rows, quantity)))
    .map(({ left = null, right = null, difference = null, ...judgement }) => ({
      ...judgement,
      ...{ left, right, difference },
    }));
  const done = endedOf(rows.flatMap((row) => row.cells));
  return {
    ...{ format: 'stillroom-sweep', version: 1, name: sweep.name, createdAt, experiment: sweep.experiment },
    claim: experiment?.claim ?? null,
    source: experiment?.source ?? null,
    teacher: parseRecipe(sweep.recipe).teacher,
    seeds: sweep.seeds,
    samples: sweep.measuring.count,
    recipe: sweep.recipe,
    measures: shownMeasures(rows, experiment?.measures),
    ...{ rows, judgements },
    verdict: experiment ? verdictOf(judgements) : null,
    progress: { done: done.length, total: cells.length },
    made,
  };
}

async function readCell(
  store: Store,
  { id, sweep }: KeptSweep,
  { variant, seed, baseline }: Cell,
  begun: readonly KeptCell[],
): Promise<ReportCell> {
  const kept = begun.find((cell) => cell.variant === variant && cell.seed === seed);
  const empty = { seed, runId: null, problem: null, best: {}, curves: {}, picture: null, views: [] };
  if (baseline) {
    const picture = `sweeps/${baselinePicture(id, variant, seed)}`;
    if (!kept?.values) return { ...empty, status: 'waiting', final: {} };
    return { ...empty, status: 'done', final: { ...kept.values }, picture };
  }
  if (kept?.runId == null) return { ...empty, status: 'waiting', final: {} };
  const { runId } = kept;
  const run = await getRun(store, runId);
  const curves = await readCurves(store, runId);
  const [frame] = await listSamples(store, runId);
  const { final, best } = endsOfCurves(curves);
  return {
    ...{ seed, runId, status: run.status, problem: run.error?.message ?? null, curves },
    final: { ...final, ...derived(curves) },
    best,
    picture: frame ? `samples/${frame.id}` : null,
    views: await viewsOf(store, runId, sweep.measuring.taus),
  };
}

/** What was measured of the student, and what its training told of the fake score. */
async function readCurves(store: Store, runId: string): Promise<Record<string, Curve>> {
  const curves: Record<string, Curve> = {};
  for (const { name, step, value } of await readMetrics(store, runId, QUALITY))
    (curves[name.slice(QUALITY.length)] ??= []).push([step, value]);
  const fakeLoss = await readCurve(store, runId, 'fake_loss', { pieces: PIECES });
  if (fakeLoss.length > 0) curves['fake_loss'] = fakeLoss.map(({ step, mean }) => [step, mean]);
  return curves;
}

function endsOfCurves(curves: Readonly<Record<string, Curve>>): { final: Values; best: Values } {
  const final: Values = {};
  const best: Values = {};
  for (const [name, curve] of Object.entries(curves)) {
    const values = curve.map(([, value]) => value);
    const last = values.at(-1);
    if (last === undefined || name === 'fake_loss') continue;
    final[name] = last;
    const { best: wanted } = describeMeasure(name);
    if (wanted) best[name] = wanted === 'lowest' ? Math.min(...values) : Math.max(...values);
  }
  return { final, best };
}

/** Growth of the deviation over the second half, and the fake score's loss at the end. */
function derived({ std = [], fake_loss: fakeLoss = [] }: Readonly<Record<string, Curve>>): Values {
  const [lastStep = NaN, last] = std.at(-1) ?? [];
  const half = std.findLast(([step]) => step <= lastStep / 2)?.[1];
  const end = fakeLoss.at(-1)?.[0] ?? NaN;
  const late = fakeLoss.filter(([step]) => step > 0.9 * end).map(([, value]) => value);
  return {
    ...(half !== undefined && last !== undefined && std.length > 2 && { lateGrowth: last / half }),
    ...(late.length > 0 && { fakeLoss: late.reduce((sum, value) => sum + value, 0) / late.length }),
  };
}

async function viewsOf(store: Store, runId: string, taus: readonly number[]): Promise<ReportCell['views']> {
  const all = taus.flatMap((tau) =>
    (['student', 'teacher', 'fake'] as const).map((role) => ({
      tau,
      role,
      id: viewPicture(runId, role, tau),
    })),
  );
  const found = all.map(async ({ tau, role, id }) => {
    const there = await access(pictureFile(sweepPictures(store.data), id)).then(
      () => true,
      () => false,
    );
    return there ? [{ tau, role, media: `sweeps/${id}` }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** A student that diverged counts with what was measured last. */
const endedOf = (cells: readonly ReportCell[]): ReportCell[] =>
  cells.filter(({ status }) => status === 'done' || status === 'failed');

function measuredBySeed(rows: readonly ReportRow[], { variant, measure }: Quantity): BySeed {
  const cells = rows.find(({ key }) => key === variant)?.cells ?? [];
  return new Map(
    endedOf(cells).flatMap(({ seed, final }) => {
      const value = final[measure];
      return value === undefined ? [] : [[seed, value]];
    }),
  );
}

function summaryOf(cells: readonly ReportCell[]): Record<string, Interval> {
  const ended = endedOf(cells);
  const names = new Set(ended.flatMap(({ final }) => Object.keys(final)));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const interval = intervalOf(ended.flatMap(({ final }) => final[name] ?? []));
      return interval ? [[name, interval]] : [];
    }),
  );
}

/** Those asked for that there are; all of them where none are asked for. */
function shownMeasures(rows: readonly ReportRow[], asked?: readonly string[]): string[] {
  const there = new Set(rows.flatMap(({ summary }) => Object.keys(summary)));
  return asked ? asked.filter((name) => there.has(name)) : inOrder(there);
}
