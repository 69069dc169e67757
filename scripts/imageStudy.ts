/**
 * Distils the bundled emoji teacher by several recipes at fixed iterations and measures the students:
 *   node scripts/withNode.mjs node scripts/imageStudy.ts [--rows ca4,dm4] [--seeds 1,2] [--out docs/experiments]
 * Rows that were measured before are kept in images.json and their results joined with the new ones; the rows asked for
 * are printed as the table of images.md. `--rows relatives`: DMD, DMDR's re-noising and Phased DMD beside d-DMD's row.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { presets } from '../engine/contract/presets.ts';
import { parseRecipe, type RecipeInput } from '../engine/contract/recipe.ts';
import { imageGrid } from '../engine/data/png.ts';
import { activateBackend } from '../engine/tensor/backends/backend.ts';
import { readBundledClassifier } from '../engine/training/bundledClassifier.ts';
import { openDataFor, openDistillation } from '../engine/training/distillationJob.ts';
import { readModel } from '../engine/training/modelFile.ts';
import { samplerOf } from '../engine/training/modelSampler.ts';
import { shownCaptions } from '../electron/commands/demoPrompts.ts';
import { Evaluation } from '../electron/features/evaluation.ts';

interface Row {
  readonly label: string;
  readonly iterations: number;
  readonly recipe: RecipeInput;
}

const rows: Readonly<Record<string, Row>> = {
  ca4: {
    label: 'CA alone, 4 steps',
    iterations: 200,
    recipe: { student: { steps: 4 }, distributionMatching: { weight: 0 } },
  },
  meanVariance4: {
    label: 'CA + mean–variance, 4 steps',
    iterations: 200,
    recipe: { student: { steps: 4 }, distributionMatching: { weight: 0 }, meanVariance: { weight: 1 } },
  },
  dm4: {
    label: 'DM alone, 4 steps',
    iterations: 75,
    recipe: { student: { steps: 4 }, cfgAugmentation: { weight: 0 } },
  },
  hybrid4: { label: 'CA + DM, hybrid, 4 steps', iterations: 75, recipe: { student: { steps: 4 } } },
  hybrid1: { label: 'CA + DM, hybrid, 1 step', iterations: 150, recipe: { student: { steps: 1 } } },
  consistency1: { label: 'Consistency, 1 step', iterations: 400, recipe: presets.consistency.recipe },
  progressive4: { label: 'Progressive, 4 steps', iterations: 400, recipe: presets.progressive.recipe },
  dmd4: { label: 'Ordinary DMD, 4 steps', iterations: 75, recipe: presets.ordinaryDmd.recipe },
  dmdr4: {
    label: 'DMDR re-noising, 4 steps',
    iterations: 75,
    // Halfway, as in the preset of 150 iterations.
    recipe: { ...presets.dmdr.recipe, renoising: { warmup: 37 } },
  },
  phased4: { label: 'Phased DMD, an expert each, 4 steps', iterations: 75, recipe: presets.phased.recipe },
  phasedOne4: {
    label: 'Phased DMD, one student, 4 steps',
    iterations: 75,
    recipe: { ...presets.phased.recipe, phased: { experts: 'one' } },
  },
};

/** Names for several rows. */
const groups: Readonly<Record<string, readonly string[]>> = {
  relatives: ['dmd4', 'dmdr4', 'phased4', 'phasedOne4'],
};

interface Result {
  readonly row: string;
  readonly seed: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Pictures that the metrics are of. */
const MEASURED = 180;
const EVALUATION_SEED = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: Object.keys(rows).join() },
      seeds: { type: 'string', default: '1,2' },
      out: { type: 'string', default: 'docs/experiments' },
    },
  });
  await activateBackend('tensorflow');
  await mkdir(values.out, { recursive: true });
  const file = path.join(values.out, 'images.json');
  let results = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as Result[];
  const evaluation = await openEvaluation();
  const asked = values.rows.split(',').flatMap((name) => groups[name] ?? [name]);
  for (const seed of values.seeds.split(',').map(Number)) {
    for (const name of asked) {
      const result = await measureRow(name, seed, evaluation, values.out);
      results = [...results.filter((other) => other.row !== name || other.seed !== seed), result];
      await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  }
  for (const name of asked)
    for (const result of results.filter(({ row }) => row === name)) process.stdout.write(tableLine(result));
}

/** As the table of images.md has it. */
function tableLine({ row, seed, seconds, metrics }: Result): string {
  const columns = ['std', 'outOfRange', 'fdToTeacher', 'fdToReal', 'classAgreement', 'captionAgreement'];
  const numbers = columns.map((name) => metrics[name]?.toFixed(2) ?? '–');
  const { label = row, iterations = NaN } = rows[row] ?? {};
  return `| ${[label, iterations, seed, seconds, ...numbers].join(' | ')} |\n`;
}

/** The reference: the teacher's 50 guided steps. */
async function openEvaluation(): Promise<Evaluation> {
  const teacher = await readModel('emoji');
  const { dataset } = await openDataFor(teacher, 'demo');
  if (!dataset) throw new Error('the demo set has no images');
  const classifier = await readBundledClassifier();
  const plan = {
    teacher,
    dataset,
    classifier,
    shown: shownCaptions,
    measured: MEASURED,
    seed: EVALUATION_SEED,
  };
  const evaluation = new Evaluation(plan);
  const sampler = samplerOf(teacher);
  await evaluation.measure({
    id: 'teacher',
    label: 'Teacher',
    description: '',
    kind: 'reference',
    steps: 50,
    generate: (request) => sampler.teacher(request, { steps: 50, guidance: 2.5 }),
  });
  sampler.dispose();
  return evaluation;
}

async function measureRow(name: string, seed: number, evaluation: Evaluation, out: string): Promise<Result> {
  const row = rows[name];
  if (!row) throw new Error(`there is no row ${name}; there are ${Object.keys(rows).join(', ')}`);
  const { iterations, recipe } = row;
  const job = await openDistillation(parseRecipe({ ...recipe, seed, training: { iterations } }));
  const started = performance.now();
  for (let iteration = 0; iteration < iterations; iteration++) await job.iterate(iteration);
  const seconds = Math.round((performance.now() - started) / 1000);
  const { metrics, images } = await evaluation.measure({
    id: name,
    label: row.label,
    description: '',
    kind: 'student',
    steps: job.times.length,
    generate: (request) => job.sample(request),
  });
  await writeFile(
    path.join(out, `images-${name}-${seed}.png`),
    await imageGrid(images, { columns: 6, scale: 3 }),
  );
  job.dispose();
  return { row: name, seed, seconds, metrics };
}

await main();
