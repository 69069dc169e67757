/** The project's sweeps and experiments, what they cost, and the report of the one that is shown. */
import type { Report } from '../../engine/contract/experiments/report.ts';
import type { Place, Plan, SweepEstimate, SweepSummary } from '../../engine/contract/messages/sweeps.ts';
import type { Connection } from './connection.svelte.ts';

/** Milliseconds between two looks at a report while it grows. */
const LOOK_EVERY = 700;

export class Sweeps {
  /** Newest first; undefined until the host answered once. */
  list = $state.raw<readonly SweepSummary[]>();
  report = $state.raw<Report>();
  /** Where sweeps are trained; undefined where there is no choice. */
  place = $state.raw<Place>();
  /** How far a measurement of times is, 0 to 1; undefined where none goes on. */
  measuring = $state<number>();
  /** Grows with every measurement, so that what shows a time asks again. */
  measured = $state(0);
  private readonly connection: Connection;
  private readonly fail: (error: unknown) => void;
  private stop: AbortController | undefined;
  private timer: number | undefined;

  constructor(connection: Connection, fail: (error: unknown) => void) {
    this.connection = connection;
    this.fail = fail;
  }

  /** Asks where sweeps can be trained. */
  async findPlace(): Promise<void> {
    const { hasCluster, place } = await this.connection.client.api.sweeps.place();
    this.place = hasCluster ? place : undefined;
  }

  /** @throws StudioError 'input-invalid' for an option that no cluster takes; the place stays as it was. */
  async setPlace(place: Place): Promise<void> {
    await this.connection.client.api.sweeps.setPlace(place);
    this.place = place;
  }

  /** Follows the project, and the report of one sweep where it is named. Returns what ends it. */
  follow(projectId: string, shownId: string | undefined): () => void {
    const { client } = this.connection;
    this.report = undefined;
    let isCurrent = true;
    const load = async () => {
      const list = await client.api.sweeps.list({ projectId });
      const report = shownId === undefined ? undefined : await client.api.sweeps.report({ id: shownId });
      if (!isCurrent) return;
      this.list = list;
      this.report = report;
    };
    const look = () => {
      this.timer ??= window.setTimeout(() => {
        this.timer = undefined;
        void load().catch(this.fail);
      }, LOOK_EVERY);
    };
    const stops = [
      client.on('sweeps.changed', look),
      client.on('runs.changed', look),
      client.on('runs.frame', look),
    ];
    void load().catch(this.fail);
    return () => {
      isCurrent = false;
      window.clearTimeout(this.timer);
      this.timer = undefined;
      for (const stop of stops) stop();
    };
  }

  /** @throws StudioError 'recipe-invalid' that names an unknown field or a wrong value. */
  estimate(plan: Plan): Promise<SweepEstimate> {
    return this.connection.client.api.sweeps.estimate({ plan });
  }

  async measure(plan: Plan): Promise<void> {
    this.stop = new AbortController();
    this.measuring = 0;
    try {
      await this.connection.client.api.sweeps.measure(
        { plan },
        { signal: this.stop.signal, onProgress: (done, total) => (this.measuring = done / total) },
      );
      this.measured++;
    } finally {
      this.measuring = undefined;
    }
  }

  cancelMeasuring(): void {
    this.stop?.abort();
  }
}
