/** A new run that begins from another one's checkpoint, or afresh, and knows its parent. Who trains it is for the caller. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { isSupervised, recipeSchema } from '../../engine/contract/recipe.ts';
import { divisionOf } from '../../engine/contract/studentSampling.ts';
import { readCheckpointState } from '../../engine/training/checkpoint.ts';
import {
  checkpointsFolder,
  listCheckpoints,
  type Checkpoint,
} from '../../engine/training/checkpointFolder.ts';
import { measuresAlike, selectionSchema } from '../../engine/training/selection.ts';
import { runFolder } from '../store/dataFolder.ts';
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
  const begin = checkpoint ? [checkpoint, ...(await bestBefore(store, parent, checkpoint, recipe))] : [];
  return createRun(store, {
    ...{ projectId: parent.projectId, name, recipe },
    parent: { runId: parent.id, step: checkpoint?.step ?? 0 },
    // Copies and no links: pruning and quarantine of one run must not touch the other.
    async fill(folder) {
      for (const { folder: from } of begin)
        await cp(from, path.join(checkpointsFolder(folder), path.basename(from)), { recursive: true });
    },
  });
}

/** The parent's best until then, which a fork that looks after itself has to beat, where both measure alike. */
async function bestBefore(
  store: Store,
  parent: Run,
  checkpoint: Checkpoint,
  recipe: unknown,
): Promise<Checkpoint[]> {
  const [before, now] = [parent.recipe, recipe].map((one) => recipeSchema.safeParse(one).data);
  if (!before || !now || !isSupervised(now) || !measuresAlike(before, now)) return [];
  const state = await readCheckpointState(checkpoint.folder);
  const best = selectionSchema.safeParse(state['selection']).data?.best.step;
  if (best === undefined || best === checkpoint.step) return [];
  const { checkpoints } = await listCheckpoints(runFolder(store.data, parent.id));
  return checkpoints.filter(({ step }) => step === best).slice(0, 1);
}

/** A teacher's training has no stages. */
function divisionIn(recipe: unknown): string {
  const { data } = recipeSchema.safeParse(recipe);
  return JSON.stringify(data ? divisionOf(data) : []);
}
