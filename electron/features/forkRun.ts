/** A new run that begins from another one's checkpoint, or afresh, and knows its parent. Who trains it is for the caller. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { recipeSchema } from '../../engine/contract/recipe.ts';
import { divisionOf } from '../../engine/contract/studentSampling.ts';
import { checkpointsFolder, type Checkpoint } from '../../engine/training/checkpointFolder.ts';
import type { Store } from '../store/database.ts';
import { createRun, type NewRun, type Run } from '../store/runs.ts';

export interface Fork extends Pick<NewRun, 'name' | 'recipe'> {
  /** One of the parent's; undefined begins at iteration 0. */
  readonly checkpoint: Checkpoint | undefined;
}

/**
 * The parent stays as it is.
 *
 * @throws StudioError 'input-invalid' for a name that is none, and for a checkpoint whose stage the fork would move.
 */
export async function forkRun(store: Store, parent: Run, { name, recipe, checkpoint }: Fork): Promise<Run> {
  if (checkpoint && divisionIn(parent.recipe) !== divisionIn(recipe))
    throw new StudioError(
      'input-invalid',
      'The stages of this run follow from its method, iterations and steps: with others its checkpoint would be in another stage.',
      'Leave these as they are, or begin at iteration 0.',
    );
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

/** A teacher's training has no stages. */
function divisionIn(recipe: unknown): string {
  const { data } = recipeSchema.safeParse(recipe);
  return JSON.stringify(data ? divisionOf(data) : []);
}
