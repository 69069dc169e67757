/**
 * What a run's care for itself is worth on the bundled toy: CA alone to its end or to its best, and a fake score that
 * learns 50 times too slowly, left alone or retuned. Prints `docs/experiments/care.md`'s tables.
 *
 *   node scripts/careStudy.ts [--seeds 1,2,3]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openStudio, projectNamed } from '../electron/features/openStudio.ts';
import { distilRetuned } from '../electron/features/retune.ts';
import { createRun } from '../electron/store/runs.ts';
import { silentReporter, type Reporter } from '../electron/terminal/reporter.ts';
import { parseRecipe, type RecipeInput } from '../engine/contract/recipe.ts';
import { classSlicedWasserstein } from '../engine/metrics/slicedWasserstein.ts';
import { deviationOf } from '../engine/metrics/spread.ts';
import { activateBackend } from '../engine/tensor/backends/backend.ts';
import { readModel } from '../engine/training/modelFile.ts';
import { samplerOf } from '../engine/training/modelSampler.ts';
import { classesInTurn, labelled } from './toy/measure.ts';

/** Samples of each student: other ones than those that a run judges itself by. */
const count = 32_768;
const seeds = { teacher: 101, student: 104 };
const guidance = 2.5;

/** That of `stillroom experiment ablation-1-step`; CA + DM twice as long. */
const toy = {
  ...{ teacher: 'toy', data: 'toy', guidance: { scale: guidance } },
  student: { steps: 1, shift: 1, emaDecay: 0.95 },
  distributionMatching: { weight: 2 },
  renoising: { normalizer: 'time' },
  fakeScore: { learningRate: 5e-4, stepsPerStudentStep: 3 },
  optimizer: { learningRate: 1e-4, clipNorm: 1e6 },
  training: { iterations: 400, batch: 128, checkpointEvery: 10, sampleEvery: 10_000 },
} satisfies RecipeInput;
const alone = {
  ...toy,
  distributionMatching: { weight: 0 },
  training: { ...toy.training, iterations: 200 },
};
const lagging = { ...toy, fakeScore: { learningRate: 1e-5, stepsPerStudentStep: 1 } };

const rows: Readonly<Record<string, RecipeInput>> = {
  'CA alone, to its end': alone,
  'CA alone, patience 5, the best': { ...alone, supervision: { chooseBest: 'on', patience: 5 } },
  'CA alone, 1 retune, the best': { ...alone, supervision: { chooseBest: 'on', retunes: 1 } },
  'CA + DM, to its end': toy,
  'CA + DM, patience 5, the best': { ...toy, supervision: { chooseBest: 'on', patience: 5 } },
  'fake score 50 times too slow': lagging,
  'the same, 3 retunes': { ...lagging, supervision: { retunes: 3 } },
  'the same, 3 retunes, the best': { ...lagging, supervision: { retunes: 3, chooseBest: 'on' } },
};

const { values: options } = parseArgs({ options: { seeds: { type: 'string', default: '1,2,3' } } });

const backend = await activateBackend('tensorflow');
const teacher = await readModel('toy');
const classes = classesInTurn(count, teacher.info.classNames.length);
const request = (seed: number) => ({ seed, count, condition: { classes } });
const sampler = samplerOf(teacher);
const guided = labelled(await sampler.teacher(request(seeds.teacher), { steps: 50, guidance }), classes);
sampler.dispose();

const notes: string[] = [];
const reporter: Reporter = {
  ...silentReporter,
  note: (sentence) => {
    if (!sentence.startsWith('Matrix')) notes.push(`  ${sentence}`);
  },
};

const folder = await mkdtemp(path.join(tmpdir(), 'care-study-'));
const store = await openStudio(folder, reporter);
const { id: projectId } = await projectNamed(store, 'Care');
console.log('| run | seed | to guided | deviation | weights of | iterations | seconds |');
console.log('| :-- | --: | --: | --: | --: | --: | --: |');
for (const [name, input] of Object.entries(rows))
  for (const seed of options.seeds.split(',').map(Number)) {
    notes.push(`${name}, seed ${seed}`);
    const recipe = parseRecipe({ ...input, name, seed });
    const begun = performance.now();
    const { job, iteration, made } = await distilRetuned(
      store,
      await createRun(store, { projectId, name, recipe }),
      { backend, seed, reporter, signal: new AbortController().signal },
    );
    const seconds = (performance.now() - begun) / 1000;
    const sample = labelled(await job.sample(request(seeds.student)), classes);
    job.dispose();
    const numbers = [
      classSlicedWasserstein(sample, guided).toFixed(3),
      deviationOf(sample.points.values).toFixed(2),
      ...[made.iterations, iteration, seconds.toFixed(0)],
    ];
    console.log(`| ${[name, seed, ...numbers].join(' | ')} |`);
  }
console.log(`\n${notes.join('\n')}`);
await store.close();
await rm(folder, { recursive: true });
backend.release();
