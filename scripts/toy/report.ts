/** The toy study's page and its numbers as JSON. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Recipe } from '../../engine/contract/recipe.ts';
import type { Measurement } from './measure.ts';
import type { Row } from './rows.ts';

export interface Baseline extends Measurement {
  readonly name: string;
}

export interface Run extends Measurement {
  readonly seed: number;
  /** Of the training alone. */
  readonly seconds: number;
}

export interface Result {
  readonly row: Row;
  /** As it ran with the first seed. */
  readonly recipe: Recipe;
  readonly runs: readonly Run[];
}

export interface Study {
  /** Of its files. */
  readonly name: string;
  readonly title: string;
  readonly rowsFile: string;
  /** Said first; may be empty. */
  readonly finding: string;
  readonly command: string;
  readonly backend: { readonly name: string; readonly version: string };
  readonly teacher: { readonly name: string; readonly sha256: string };
  readonly samples: number;
  readonly seconds: number;
  readonly baselines: readonly Baseline[];
  readonly results: readonly Result[];
}

export async function writeStudy(folder: string, study: Study): Promise<void> {
  const results = study.results.map(({ row: { key, name, target }, recipe, runs }) => ({
    key,
    name,
    target: target?.text ?? null,
    recipe,
    runs,
  }));
  const json = JSON.stringify({ version: 1, ...study, results }, null, 1);
  await writeFile(path.join(folder, `${study.name}.json`), `${json}\n`);
  await writeFile(path.join(folder, `${study.name}.md`), page(study));
}

function page(study: Study): string {
  const { command, backend, samples, seconds, baselines, results } = study;
  const teacher4 = baselines.find(({ name }) => name === 'Teacher, guided, 4 steps')?.toGuided ?? NaN;
  const verdict = ({ row: { target }, runs }: Result) =>
    target ? (runs.every((run) => target.isMet(run, teacher4)) ? 'held' : '**not held**') : '–';
  const missed = results.filter((result) => verdict(result) === '**not held**');
  const judged = results.filter(({ row }) => row.target);
  const across = (runs: readonly Run[], value: (run: Run) => number, digits = 3) =>
    runs.map((run) => value(run).toFixed(digits)).join(' / ');
  const notes = results.flatMap(({ row: { name, note } }) => (note ? [`- ${name}: ${note}`] : []));
  const names = missed.map(({ row }) => row.name).join('; ');
  return `# ${study.title}

${study.finding && `${study.finding}\n\n`}${missed.length > 0 ? `What does not hold: ${names}.` : `All ${judged.length} targets hold with every seed.`}

Eight classes of three Gaussian blobs in the plane; the bundled toy teacher is distilled in each way of
\`${study.rowsFile}\` for a fixed number of iterations, never the best of many. Distances are class-conditional
sliced W₁ of ${samples.toLocaleString('en')} samples to the teacher's at 50 steps, guided (α = 2.5) and unguided; “deviation” is the
standard deviation over all coordinates. Several numbers are those of as many seeds. Recipes in full: \`${study.name}.json\`.

Command: \`${command}\` (${backend.name} backend, ${backend.version}; ${seconds} s in all).

![The particles of each row, seed 1](${study.name}.svg)

## Students

| row | to guided | to unguided | deviation | target | | seconds |
|---|---|---|---|---|---|---|
${results
  .map((result) => {
    const { row, runs } = result;
    const cells = [
      row.name,
      across(runs, ({ toGuided }) => toGuided),
      across(runs, ({ toUnguided }) => toUnguided),
      across(runs, ({ deviation }) => deviation, 2),
      row.target?.text ?? '–',
      verdict(result),
      across(runs, (run) => run.seconds, 0),
    ];
    return `| ${cells.join(' | ')} |`;
  })
  .join('\n')}

${notes.join('\n')}

## The teacher, and the student before training

| what | to guided | to unguided | deviation |
|---|---|---|---|
${baselines
  .map(
    ({ name, toGuided, toUnguided, deviation }) =>
      `| ${name} | ${toGuided.toFixed(3)} | ${toUnguided.toFixed(3)} | ${deviation.toFixed(2)} |`,
  )
  .join('\n')}
`;
}
