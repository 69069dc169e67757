/** What a training leaves in the records while it goes: kept in the store, or told to the process that owns it. */
import path from 'node:path';
import { hashFile } from '../../engine/contract/fileHash.ts';
import type { Checkpoint } from '../../engine/training/checkpointFolder.ts';
import { markBestCheckpoint, recordCheckpoint } from '../store/checkpoints.ts';
import { runFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { discardMetricsAfter, recordMetrics, type MetricPoint } from '../store/metrics.ts';
import { setRunStatus, type RunError } from '../store/runs.ts';
import { recordSample } from '../store/samples.ts';
import type { Sample } from '../store/tables.ts';

/** A picture that was written into the run's folder. */
export interface JournalFrame {
  readonly step: number;
  readonly file: string;
  readonly seed: number;
  /** One a picture in the row. */
  readonly captions: readonly string[];
}

export interface RunJournal {
  /** The run's own folder, absolute. */
  readonly folder: string;
  /** Points that may wait, so that not each iteration writes. */
  readonly batch: number;
  /** It trains from this iteration on; what was recorded of later ones is void. */
  began(iteration: number): Promise<void>;
  metrics(points: readonly MetricPoint[]): Promise<void>;
  /** @param best id of the run's best checkpoint, where it is known. */
  checkpoint(saved: Checkpoint, best: string | undefined): Promise<void>;
  frame(frame: JournalFrame): Promise<void>;
  ended(status: 'done' | 'paused' | 'failed', error?: RunError): Promise<void>;
}

/** Stands between the captions of a row of pictures. */
export const captionSeparator = ' · ';

export function storeJournal(store: Store, { id: runId }: { readonly id: string }): RunJournal {
  return {
    folder: runFolder(store.data, runId),
    batch: 500,
    async began(iteration) {
      await discardMetricsAfter(store, runId, iteration);
      await setRunStatus(store, runId, 'running');
    },
    metrics: (points) => recordMetrics(store, runId, points),
    async checkpoint(saved, best) {
      await recordCheckpoint(store, runId, saved);
      if (best !== undefined) await markBestCheckpoint(store, runId, best);
    },
    async frame(frame) {
      await recordFrame(store, runId, frame);
    },
    async ended(status, error) {
      await setRunStatus(store, runId, status, error);
    },
  };
}

export async function recordFrame(
  store: Store,
  runId: string,
  { step, file, seed, captions }: JournalFrame,
): Promise<Sample> {
  const sha256 = await hashFile(file);
  const relative = path.relative(store.data, file).split(path.sep).join('/');
  return recordSample(store, {
    ...{ runId, step, path: relative, seed, sha256 },
    prompt: captions.join(captionSeparator),
  });
}
