/** `stillroom sweep`: fields of a recipe in all combinations of the given values, each with every seed. */
import { StudioError } from '../../engine/contract/errors.ts';
import { leavesOf } from '../../engine/contract/field.ts';
import { presetRecipe, presets } from '../../engine/contract/presets.ts';
import { parseRecipe, recipeSchema } from '../../engine/contract/recipe.ts';
import { measuringOf, variantsOf, type Sweep } from '../../engine/contract/sweep.ts';
import { requireTeacher } from '../../engine/contract/modelInfo.ts';
import { readModel } from '../../engine/training/modelFile.ts';
import { requirePictures, scaleOf } from '../features/sweeps/teacherScale.ts';
import { clusterKinds, clusterOf, clusterUsage } from './clusterFlags.ts';
import { parseValue, parseWords, readSettings, requireFree, withFields, type Command } from './command.ts';
import { seedsOf } from './seeds.ts';
import { workOff } from './sweepWork.ts';

export const sweepCommand: Command = {
  summary: 'Vary any fields of a recipe, with seeds: a table and a report.',
  usage: `stillroom sweep [--preset NAME | --recipe FILE] [--FIELD VALUE …] --vary FIELD=VALUE,VALUE… [--vary …]
                [--seeds 1,2,3] [--on slurm] [--estimate] [--fresh] [--out FOLDER]

  --preset NAME    what to begin from: ${Object.keys(presets).join(', ')}
  --recipe FILE    a JSON recipe; every field has a default
  --FIELD VALUE    any field of the recipe, the same for all
  --vary …         a field and its values, e.g. --vary fakeScore.learningRate=1e-4,3e-4; several are combined
  --seeds LIST     default 1,2,3
  --estimate       say how long it takes, and stop there
  --fresh          begin anew what was done before; by default it goes on where it stopped
  --out FOLDER     of the report (default: sweep)
${clusterUsage}`,
  async run(context) {
    const words = parseWords(
      context.words,
      {
        ...clusterKinds,
        preset: 'string',
        recipe: 'string',
        vary: 'list',
        seeds: 'string',
        out: 'string',
        estimate: 'boolean',
        fresh: 'boolean',
      },
      recipeSchema,
    );
    const { flags, switches, lists, fields } = words;
    const { preset, recipe: file, out = 'sweep' } = flags;
    requireFree(switches.has('estimate') ? undefined : out);
    const variants = variantsOf(Object.fromEntries((lists['vary'] ?? []).map(variedField)));
    const recipe =
      preset === undefined
        ? await readSettings(recipeSchema, file, fields)
        : withFields(recipeSchema, presetRecipe(preset), fields);
    const { name, teacher } = parseRecipe(recipe);
    const { info } = await readModel(teacher);
    requireTeacher(info);
    const sweep: Sweep = {
      ...{ name, experiment: null, recipe, variants, baselines: [] },
      seeds: seedsOf(flags.seeds),
      measuring: measuringOf(scaleOf(info)),
    };
    requirePictures(sweep);
    return workOff(
      {
        ...{ sweep, out, command: `stillroom sweep ${whatCounts(context.words)}`, cluster: clusterOf(words) },
        fresh: switches.has('fresh'),
        estimateOnly: switches.has('estimate'),
      },
      context,
    );
  },
};

const elsewhere = new Set(['out', 'fresh', ...Object.keys(clusterKinds)].map((name) => `--${name}`));

/** What makes the same numbers again, wherever they are made and wherever they go. */
const whatCounts = (words: readonly string[]): string =>
  words
    .filter((word, i) => {
      const before = words[i - 1] ?? '';
      const belongsToIt = !word.startsWith('--') && elsewhere.has(before) && before !== '--fresh';
      return !elsewhere.has(word.replace(/=.*/s, '')) && !belongsToIt;
    })
    .join(' ');

/** `fakeScore.learningRate=1e-4,3e-4`. @throws StudioError 'input-invalid'. */
function variedField(text: string): [string, ReturnType<typeof parseValue>[]] {
  const at = text.indexOf('=');
  const values = text.slice(at + 1).split(',');
  if (at < 1 || values.some((value) => value.trim() === ''))
    throw new StudioError(
      'input-invalid',
      `--vary ${text} names no field with values.`,
      'Write it as --vary fakeScore.learningRate=1e-4,3e-4; nothing was started.',
      { field: 'vary' },
    );
  const path = text.slice(0, at);
  const leaf = leavesOf(recipeSchema).find((candidate) => candidate.path === path);
  return [path, values.map((value) => (leaf?.schema.safeParse(value).success ? value : parseValue(value)))];
}
