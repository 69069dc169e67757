/** Settings and presets: English stands where each of them is declared, so that it is written once. */
import { fields as registry, leavesOf } from '../../../engine/contract/field.ts';
import { askedFor, type FieldBounds } from '../../../engine/contract/fieldBounds.ts';
import { presets } from '../../../engine/contract/presets.ts';
import { adviceMessages } from '../../../engine/contract/recipeAdvice.ts';
import { problemSentences } from '../../../engine/contract/recipeProblems.ts';
import { recipeSchema } from '../../../engine/contract/recipe.ts';
import { teacherRecipeSchema } from '../../../engine/contract/teacherRecipe.ts';

/** By path, e.g. `guidance.scale`. */
export type FieldWords = Readonly<Record<string, { readonly label: string; readonly help: string }>>;

function wordsOf(schema: Parameters<typeof leavesOf>[0]): FieldWords {
  return Object.fromEntries(
    leavesOf(schema).map(({ path, schema: leaf }) => {
      const { label = path, help = '' } = registry.get(leaf) ?? {};
      return [path, { label, help }];
    }),
  );
}

export const fields = {
  recipe: wordsOf(recipeSchema),
  teacher: wordsOf(teacherRecipeSchema),
  presets: Object.fromEntries(
    Object.entries(presets).map(([id, { label, description }]) => [id, { label, help: description }]),
  ) as FieldWords,
  /** Advice and faults, by what English says. */
  sentences: Object.fromEntries(
    [...adviceMessages, ...problemSentences].map((text) => [text, text]),
  ) as Readonly<Record<string, string>>,
  /** What a setting must be. */
  needs: (bounds: FieldBounds): string => `This needs ${askedFor(bounds)}.`,
  unknown: 'This is not a setting.',
  units: { iterations: 'iterations', images: 'images', pixels: 'pixels', checkpoints: 'checkpoints' },
};
