/** A new run that begins from another one's checkpoint, or afresh, and knows its parent. Who trains it is for the caller. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { checkpointsFolder, type Checkpoint } from '../../engine/training/checkpointFolder.ts';
import type { Store } from '../store/database.ts';
import { createRun, type NewRun, type Run } from '../store/runs.ts';

export interface Fork extends Pick<NewRun, 'name' | 'recipe'> {
  /** One of the parent's; undefined begins at iteration 0. */
  readonly checkpoint: Checkpoint | undefined;
}

/** The parent stays as it is. @throws StudioError 'input-invalid' for a name that is none. */
export function forkRun(store: Store, parent: Run, { name, recipe, checkpoint }: Fork): Promise<Run> {
  return createRun(store, {
    ...{ projectId: parent.projectId, name, recipe },
    parent: { runId: parent.id, step: checkpoint?.step ?? 0 },
    // A copy and no link: pruning and quarantine of one run must not touch the other.
    ...(checkpoint && {
      fill: (folder) =>
        cp(checkpoint.folder, path.join(checkpointsFolder(folder), path.basename(checkpoint.folder)), {
          recursive: true,
        }),
    }),
  });
}
