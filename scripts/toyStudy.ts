/**
 * Distils the bundled toy teacher in every way of a study, measures the students after a fixed number of iterations,
 * and writes `docs/experiments/<study>.{md,json,svg}`: `toy` (of `toy/rows.ts`) or `relatives` (of `toy/relatives.ts`).
 *
 *   node scripts/toyStudy.ts [--study toy|relatives] [--seeds 1,2]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseRecipe } from '../engine/contract/recipe.ts';
import type { LabelledPoints } from '../engine/metrics/slicedWasserstein.ts';
import { studentTimesteps } from '../engine/sampling/fewStep.ts';
import { activateBackend } from '../engine/tensor/backends/backend.ts';
import { openDistillation } from '../engine/training/distillationJob.ts';
import { readModel } from '../engine/training/modelFile.ts';
import { samplerOf } from '../engine/training/modelSampler.ts';
import { classesInTurn, labelled, measure, type References } from './toy/measure.ts';
import { relatives, relativesFinding } from './toy/relatives.ts';
import { writeStudy, type Baseline, type Result } from './toy/report.ts';
import { common, rows as toyRows, type Row } from './toy/rows.ts';
import { scatterPlot, type Panel } from './toy/scatterPlot.ts';

/** Samples of each model: 4,096 a class, so that the noise floor is about 0.01. */
const count = 32_768;
/** Of the samples; training draws come from the rows' own seeds. */
const seeds = { guided: 101, unguided: 102, again: 103, few: 104 };

const { values: options } = parseArgs({
  options: { study: { type: 'string', default: 'toy' }, seeds: { type: 'string', default: '1,2' } },
});
const studies = new Map([
  ['toy', { title: 'The toy study', rowsFile: 'scripts/toy/rows.ts', rows: toyRows, finding: '' }],
  [
    'relatives',
    {
      title: 'Relatives on the toy',
      rowsFile: 'scripts/toy/relatives.ts',
      rows: relatives,
      finding: relativesFinding,
    },
  ],
]);
const study = studies.get(options.study);
if (!study)
  throw new Error(`there is no study ${options.study}; there are ${[...studies.keys()].join(', ')}`);
const { rows, title, rowsFile, finding } = study;
const rowSeeds = options.seeds.split(',').map(Number);
const folder = path.resolve(import.meta.dirname, '../docs/experiments');
const secondsSince = (start: number) => (performance.now() - start) / 1000;

const startedAt = performance.now();
const backend = await activateBackend('tensorflow');
const teacher = await readModel('toy');
const classes = classesInTurn(count, teacher.info.classNames.length);
const request = (seed: number) => ({ seed, count, condition: { classes } });

const sampler = samplerOf(teacher);
const byTeacher = async (steps: number, guidance: number, seed: number) =>
  labelled(await sampler.teacher(request(seed), { steps, guidance }), classes);
const references: References = {
  guided: await byTeacher(50, common.guidance.scale, seeds.guided),
  unguided: await byTeacher(50, 1, seeds.unguided),
};
const panels: Panel[] = [
  { title: 'Teacher, unguided, 50 steps', sample: references.unguided },
  { title: 'Teacher, guided, 50 steps', sample: references.guided },
];
const baselines: Baseline[] = [];
function addBaseline(name: string, sample: LabelledPoints) {
  baselines.push({ name, ...measure(sample, references) });
  console.log(baselines.at(-1));
}
addBaseline(
  'Teacher, guided, 50 steps (other noise)',
  await byTeacher(50, common.guidance.scale, seeds.again),
);
addBaseline('Teacher, unguided, 50 steps (other noise)', await byTeacher(50, 1, seeds.again));
for (const steps of [4, 8]) {
  const sample = await byTeacher(steps, common.guidance.scale, seeds.few);
  addBaseline(`Teacher, guided, ${steps} steps`, sample);
  if (steps === 4) panels.push({ title: 'Teacher, guided, 4 steps', sample });
}
for (const steps of [1, 4]) {
  const sample = await sampler.student(request(seeds.few), studentTimesteps(steps, 1));
  addBaseline(`Student before training, ${steps} step${steps > 1 ? 's' : ''}`, labelled(sample, classes));
}
sampler.dispose();

async function distil({ recipe: own }: Row, seed: number) {
  const recipe = parseRecipe({ ...common, ...own, seed });
  const job = await openDistillation(recipe);
  const start = performance.now();
  for (let i = 0; i < recipe.training.iterations; i++) await job.iterate(i);
  const seconds = secondsSince(start);
  const sample = labelled(await job.sample(request(seeds.few)), classes);
  job.dispose();
  return { recipe, sample, result: { seed, ...measure(sample, references), seconds } };
}

const results: Result[] = [];
for (const row of rows) {
  const runs = [];
  for (const seed of rowSeeds) {
    runs.push(await distil(row, seed));
    console.log(row.name, runs.at(-1)?.result);
  }
  const [first] = runs;
  if (!first) throw new Error('a row needs a seed');
  results.push({ row, recipe: first.recipe, runs: runs.map(({ result }) => result) });
  panels.push({ title: row.name, sample: first.sample });
}

await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, `${options.study}.svg`), scatterPlot(panels));
await writeStudy(folder, {
  ...{ name: options.study, title, rowsFile, finding },
  command: `node scripts/toyStudy.ts --study ${options.study} --seeds ${rowSeeds.join()}`,
  backend: { name: backend.name, version: backend.version },
  teacher: { name: teacher.info.name, sha256: teacher.sha256 },
  samples: count,
  seconds: Math.round(secondsSince(startedAt)),
  baselines,
  results,
});
backend.release();
