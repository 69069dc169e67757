/** The curves of one run: asked for as a whole once, then drawn on as the run tells. */
import type { RunMetrics } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';

/** Those that have a chart, in order; runs have some of them. */
const curveNames = [
  'distance',
  'loss',
  'fake_loss',
  'dm_rel_gap',
  'dm_cos',
  'x_std',
  'out_of_range',
  'gradient_norm',
  'gan_loss',
  'discriminator_loss',
  'gan_accuracy',
  'gan_r1',
  'mean_variance',
  'dm_to_ca',
] as const;
export type CurveName = (typeof curveNames)[number];

/** Columns of equal length; `low` and `high` are the extremes of a piece, the same as `mean` for one iteration. */
export interface Curve {
  readonly steps: number[];
  readonly mean: number[];
  readonly low: number[];
  readonly high: number[];
}

/** What the data's deviation is told as; a line and no curve. */
const DATA_DEVIATION = 'data_deviation';
const PIECES = 1000;
/** Beyond so many points a curve is asked for again in pieces. */
const MOST_POINTS = 4000;

export class Curves {
  names = $state.raw<readonly CurveName[]>([]);
  dataDeviation = $state<number>();
  /** Grown in place, since they are long; `version` tells when. */
  private readonly curves: Partial<Record<CurveName, Curve>> = {};
  private version = $state(0);
  private readonly connection: Connection;
  private readonly runId: string;
  private isLoading = false;
  private missed: RunMetrics['points'] = [];

  constructor(connection: Connection, runId: string) {
    this.connection = connection;
    this.runId = runId;
  }

  /** Another object after each change, so that charts follow. */
  of(name: CurveName): Curve {
    const curve = this.version > 0 ? this.curves[name] : undefined;
    return { steps: [], mean: [], low: [], high: [], ...curve };
  }

  async load(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      const { runs } = this.connection.client.api;
      const { metrics } = await runs.get({ id: this.runId });
      const wanted = curveNames.filter((name) => metrics.includes(name));
      const ask = (name: string) => runs.curve({ id: this.runId, name, pieces: PIECES });
      const [deviation, ...told] = await Promise.all([ask(DATA_DEVIATION), ...wanted.map(ask)]);
      this.dataDeviation = deviation.at(-1)?.mean;
      curveNames.forEach((name) => {
        const points = told[wanted.indexOf(name)] ?? [];
        this.curves[name] = {
          steps: points.map(({ step }) => step),
          mean: points.map(({ mean }) => mean),
          low: points.map(({ minimum }) => minimum),
          high: points.map(({ maximum }) => maximum),
        };
      });
      this.names = wanted;
      this.version++;
    } finally {
      this.isLoading = false;
    }
    const missed = this.missed;
    this.missed = [];
    this.add(missed);
  }

  add(points: RunMetrics['points']): void {
    if (this.isLoading) {
      this.missed = [...this.missed, ...points];
      return;
    }
    for (const { step, values } of points) {
      this.dataDeviation = values[DATA_DEVIATION] ?? this.dataDeviation;
      for (const name of curveNames) {
        const value = values[name];
        if (typeof value === 'number') this.append(name, step, value);
      }
    }
    const lengthOf = (name: CurveName) => this.curves[name]?.steps.length ?? 0;
    const names = curveNames.filter((name) => lengthOf(name) > 0);
    if (names.length !== this.names.length) this.names = names;
    this.version++;
    if (names.some((name) => lengthOf(name) > MOST_POINTS)) void this.load();
  }

  private append(name: CurveName, step: number, value: number): void {
    const curve = (this.curves[name] ??= { steps: [], mean: [], low: [], high: [] });
    if (step <= (curve.steps.at(-1) ?? -1)) return;
    curve.steps.push(step);
    for (const column of [curve.mean, curve.low, curve.high]) column.push(value);
  }
}
