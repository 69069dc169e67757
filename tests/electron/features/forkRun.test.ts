import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { forkRun } from '../../../electron/features/forkRun.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { createRun } from '../../../electron/store/runs.ts';
import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();

it.each<[string, RecipeInput, RecipeInput, boolean]>([
  [
    'more iterations of a progressive run',
    { method: 'progressive' },
    { training: { iterations: 300 } },
    false,
  ],
  ['other stages', { method: 'progressive' }, { progressive: { stages: 2 } }, false],
  [
    'another rate of a progressive run',
    { method: 'progressive' },
    { optimizer: { learningRate: 1e-3 } },
    true,
  ],
  [
    'one expert for all phases',
    { method: 'phased', student: { steps: 2 } },
    { student: { steps: 2 }, phased: { experts: 'one' } },
    false,
  ],
  ['more iterations of a d-DMD run', {}, { training: { iterations: 300 } }, true],
])('%s: a fork from a checkpoint never moves its stage', async (_, own, changes, isFine) => {
  const store = await data.open();
  const { id: projectId } = await createProject(store, 'Forks');
  const parent = await createRun(store, { projectId, name: 'Parent', recipe: parseRecipe(own) });
  const recipe = parseRecipe({ ...own, ...changes });
  const kept = path.join(data.folder, 'kept');
  await mkdir(kept);
  const checkpoint = { id: 'a', step: 50, sequence: 1, createdAt: '', bytes: 0, folder: kept };
  const fork = { name: 'Fork', recipe };
  await expect(forkRun(store, parent, { ...fork, checkpoint: undefined })).resolves.toMatchObject(fork);
  const later = forkRun(store, parent, { ...fork, checkpoint });
  if (isFine) await expect(later).resolves.toMatchObject({ ...fork, parentStep: 50 });
  else await expect(later).rejects.toThrow('another stage');
});
