/** Everything that is wrong with a recipe at once, one sentence a field; `parseRecipe` stops at the first. */
import { askedFor, boundsOf } from './fieldBounds.ts';
import { fields, leavesOf } from './field.ts';
import { brokenRules, recipeSchema, type RecipeProblem } from './recipe.ts';

/** The recipe's settings by dotted path, in the schema's order. */
export const recipeLeaves = leavesOf(recipeSchema).flatMap((leaf) => {
  const info = fields.get(leaf.schema);
  return info ? [{ ...leaf, info, bounds: boundsOf(leaf.schema) }] : [];
});
export type RecipeLeaf = (typeof recipeLeaves)[number];

const sentences: Readonly<Record<string, string>> = {
  'cfgAugmentation.rangeMin': "CA's noisiest level must lie below its cleanest.",
  'distributionMatching.rangeMin': "DM's noisiest level must lie below its cleanest.",
  'gan.rangeMin': "The discriminator's noisiest level must lie below its cleanest.",
  'cfgAugmentation.weight': 'At least one term needs a weight above 0.',
  data: 'A GAN, consistency and progressive distillation need real pictures: choose a folder or zip of them.',
  'consistency.skip': 'The skip must be smaller than the number of noise levels.',
  'phased.phases': 'Each phase needs at least one step of the student and one iteration.',
  'progressive.stages': 'Each stage needs at least one iteration.',
};

/** What may be said of rules across fields. */
export const problemSentences: readonly string[] = Object.values(sentences);

/** At most one problem a path; rules across fields are judged once every field is right by itself. */
export function recipeProblems(input: unknown): RecipeProblem[] {
  const parsed = recipeSchema.safeParse(input);
  if (parsed.success)
    return brokenRules(parsed.data).map(({ path, message }) => ({
      path,
      message: sentences[path] ?? message,
    }));
  const found = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    const parent = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) found.set([...parent, key].join('.'), 'This is not a setting.');
      continue;
    }
    const path = parent.join('.');
    const leaf = recipeLeaves.find((candidate) => candidate.path === path);
    found.set(path, leaf ? `This needs ${askedFor(leaf.bounds)}.` : 'This needs settings by name.');
  }
  return [...found].map(([path, message]) => ({ path, message }));
}
