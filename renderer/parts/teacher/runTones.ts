/** How a run's state looks. */
import type { Run } from '../../../engine/contract/messages/runs.ts';

export const runTones = {
  queued: 'plain',
  running: 'accent',
  paused: 'notice',
  done: 'good',
  failed: 'bad',
} as const satisfies Readonly<Record<Run['status'], string>>;
