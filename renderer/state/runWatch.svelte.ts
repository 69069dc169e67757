/** One run as a window watches it: its details, frames, views, verdicts and curves, kept up while it trains. */
import type { Frame, RunDetails, RunVerdict, RunViews } from '../../engine/contract/messages/runs.ts';
import type { Connection } from './connection.svelte.ts';
import { Curves } from './curves.svelte.ts';

export class RunWatch {
  readonly runId: string;
  readonly curves: Curves;
  details = $state.raw<RunDetails>();
  /** Oldest first. */
  frames = $state.raw<readonly Frame[]>([]);
  views = $state.raw<RunViews | null>(null);
  verdicts = $state.raw<readonly RunVerdict[]>([]);
  private readonly connection: Connection;
  private readonly stops: readonly (() => void)[];
  private isClosed = false;

  /** @param onError of what is asked for by itself, e.g. after the connection was lost. */
  constructor(connection: Connection, runId: string, onError: (error: unknown) => void) {
    this.connection = connection;
    this.runId = runId;
    this.curves = new Curves(connection, runId);
    const { client } = connection;
    const load = () => {
      if (!this.isClosed) this.load().catch(onError);
    };
    this.stops = [
      client.on('runs.metrics', ({ runId: id, points }) => {
        if (id === runId) this.curves.add(points);
      }),
      client.on('runs.frame', (frame) => {
        if (frame.runId === runId) this.frames = inOrder([...this.frames, frame]);
      }),
      client.on('runs.views', (views) => {
        if (views.runId === runId) this.views = views;
      }),
      client.on('runs.verdicts', ({ runId: id, verdicts }) => {
        if (id === runId) this.verdicts = verdicts;
      }),
      client.on('runs.checkpoint', ({ runId: id }) => {
        if (id === runId) void this.loadDetails().catch(onError);
      }),
      client.on('runs.changed', (run) => {
        if (run.id === runId && run.status !== this.details?.status) load();
      }),
    ];
    connection.onReopen(load);
    load();
  }

  async load(): Promise<void> {
    const { runs } = this.connection.client.api;
    const one = { id: this.runId };
    const [frames, views, verdicts] = await Promise.all([
      runs.frames(one),
      runs.views(one),
      runs.verdicts(one),
      this.loadDetails(),
      this.curves.load(),
    ]);
    this.frames = inOrder(frames);
    this.views = views;
    this.verdicts = verdicts;
  }

  async loadDetails(): Promise<void> {
    this.details = await this.connection.client.api.runs.get({ id: this.runId });
  }

  async look(tau: number): Promise<void> {
    this.views = await this.connection.client.api.runs.look({ id: this.runId, tau });
  }

  close(): void {
    this.isClosed = true;
    for (const stop of this.stops) stop();
  }
}

/** One a step, the newest of it. */
function inOrder(frames: readonly Frame[]): Frame[] {
  return [...new Map(frames.map((frame) => [frame.step, frame])).values()].sort((a, b) => a.step - b.step);
}
