import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { distilRun } from '../../../electron/features/distillation.ts';
import { forkRun } from '../../../electron/features/forkRun.ts';
import { silentReporter } from '../../../electron/terminal/reporter.ts';
import { createProject } from '../../../electron/store/projects.ts';
import { storeJournal } from '../../../electron/features/runJournal.ts';
import { runFolder } from '../../../electron/store/dataFolder.ts';
import { createRun, type Run } from '../../../electron/store/runs.ts';
import { parseRecipe, type RecipeInput } from '../../../engine/contract/recipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import { readCheckpoint, writeCheckpoint } from '../../../engine/training/checkpoint.ts';
import { listCheckpoints } from '../../../engine/training/checkpointFolder.ts';
import { checkpointStudent } from '../../../engine/training/checkpointStudent.ts';
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

it.each<[string, RecipeInput, number[]]>([
  ['that chooses its best', { supervision: { chooseBest: 'on' } }, [40, 20]],
  ['that ends early', { supervision: { patience: 3 }, optimizer: { learningRate: 1e-3 } }, [40, 20]],
  ['that looks not after itself', {}, [40]],
  [
    'that aims at a teacher guided otherwise',
    { supervision: { chooseBest: 'on' }, guidance: { scale: 4 } },
    [40],
  ],
])('a fork %s begins with the checkpoints of %o', async (_, own, steps) => {
  const store = await data.open();
  const { id: projectId } = await createProject(store, 'Forks');
  const parent = await createRun(store, { projectId, name: 'Parent', recipe: parseRecipe({}) });
  const folder = runFolder(store.data, parent.id);
  const save = (step: number, best: number) =>
    writeCheckpoint(folder, {
      ...{ weights: new Map(), optimizer: new Map() },
      state: { version: 1, step, selection: { distance: 1, best: { step: best, distance: 0.5 }, since: 0 } },
    });
  await save(20, 20);
  const checkpoint = await save(40, 20);
  await save(60, 60);
  const fork = await forkRun(store, parent, { name: 'Fork', recipe: parseRecipe(own), checkpoint });
  const { checkpoints } = await listCheckpoints(runFolder(store.data, fork.id));
  expect(checkpoints.map(({ step }) => step)).toEqual(steps);
});

it('a fork that only spoils ends with its parent’s best, by the recipe that made that', async () => {
  const backend = await activateBackend(findNativeEngine() ? 'tensorflow' : 'wasm');
  const store = await data.open();
  const { id: projectId } = await createProject(store, 'Forks');
  const notes: string[] = [];
  const distil = (run: Run) =>
    distilRun(storeJournal(store, run), parseRecipe(run.recipe), {
      ...{ backend, seed: 1, signal: new AbortController().signal },
      reporter: { ...silentReporter, note: (text) => notes.push(text) },
    });
  // CA alone and too fast: worse from checkpoint to checkpoint.
  const own = parseRecipe({
    ...{ name: 'Parent', teacher: 'toy', data: 'toy', distributionMatching: { weight: 0 } },
    ...{ renoising: { normalizer: 'time' }, optimizer: { learningRate: 1e-3 } },
    training: { iterations: 60, batch: 16, checkpointEvery: 20, sampleEvery: 100 },
    supervision: { chooseBest: 'on' },
  });
  const parent = await createRun(store, { projectId, name: 'Parent', recipe: own });
  const first = await distil(parent);
  expect(first.made).toEqual({ iterations: 20, recipe: own });
  const { checkpoints } = await listCheckpoints(runFolder(store.data, parent.id));
  const [last, best] = [60, 20].map((step) => checkpoints.find((one) => one.step === step));
  const recipe = { ...own, name: 'Fork', training: { ...own.training, iterations: 100 } };
  const fork = await forkRun(store, parent, { name: 'Fork', recipe, checkpoint: last });
  const second = await distil(fork);
  expect(second).toMatchObject({ iteration: 100, made: { iterations: 20, recipe: { name: 'Parent' } } });
  expect(notes.at(-1)).toContain('iteration 20, from before the fork, which came nearest');
  const { weights } = await readCheckpoint(best?.folder ?? '');
  expect(second.job.studentWeights()).toEqual(checkpointStudent(own, 20, weights));
  for (const { job } of [first, second]) job.dispose();
}, 60_000);
