/** One training of a teacher as it is watched: its loss and its samples, from its beginning to now. */
import type { Frame } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';

export interface LossPoint {
  readonly step: number;
  readonly value: number;
}

const PIECES = 300;
const AT_MOST = 900;

export class TeacherRun {
  loss = $state.raw<readonly LossPoint[]>([]);
  /** Newest first. */
  frames = $state.raw<readonly Frame[]>([]);
  private readonly connection: Connection;
  private readonly id: string;

  constructor(connection: Connection, id: string) {
    this.connection = connection;
    this.id = id;
  }

  /** Follows the run until the returned function is called. */
  watch(): () => void {
    const { client } = this.connection;
    const stops = [
      client.on('runs.metrics', ({ runId, points }) => {
        if (runId !== this.id) return;
        const later = points.flatMap(({ step, values: { loss } }) =>
          typeof loss === 'number' ? [{ step, value: loss }] : [],
        );
        this.loss = thinned([...this.loss, ...later]);
      }),
      client.on('runs.frame', (frame) => {
        if (frame.runId === this.id) this.frames = [frame, ...this.frames];
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async load(): Promise<void> {
    const { runs } = this.connection.client.api;
    const { id } = this;
    const [curve, frames] = await Promise.all([
      runs.curve({ id, name: 'loss', pieces: PIECES }),
      runs.frames({ id }),
    ]);
    this.loss = curve.map(({ step, mean }) => ({ step, value: mean }));
    this.frames = frames;
  }
}

/** Neighbours become one, so that a long training stays a short list. */
function thinned(points: readonly LossPoint[]): readonly LossPoint[] {
  if (points.length <= AT_MOST) return points;
  return points.flatMap((point, i) => {
    const next = points[i + 1];
    if (i % 2 === 1) return [];
    return [next ? { step: next.step, value: (point.value + next.value) / 2 } : point];
  });
}
