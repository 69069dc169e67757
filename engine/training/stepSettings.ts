/** What a training's captured steps compute with besides their state and feeds. */
import type { Recipe } from '../contract/recipe.ts';
import type { TeacherRecipe } from '../contract/teacherRecipe.ts';
import type { Denoiser } from '../flow/preconditioning.ts';
import type { ProductType } from '../tensor/step.ts';

/** Sections that only name things, or reach steps through feeds and their shapes. A new one counts until listed here. */
const outside = new Set([
  'version',
  'name',
  'seed',
  'teacher',
  'data',
  'size',
  'network',
  'training',
  'supervision',
]);

/** Plain data, for `StepDefinition.settings`. */
export const stepSettings = (
  { network, dataDeviation }: Denoiser,
  recipe: Recipe | TeacherRecipe,
): Readonly<Record<string, unknown>> => ({
  network: network.config,
  dataDeviation,
  recipe: Object.fromEntries(
    (Object.keys(recipe) as (keyof typeof recipe)[])
      .filter((name) => !outside.has(name))
      .map((name) => [name, recipe[name]]),
  ),
});

/** `auto` is float32 until it is chosen; see tensor/precision.ts. */
export const productType = ({ training }: Recipe | TeacherRecipe): ProductType =>
  training.precision === 'auto' ? 'float32' : training.precision;
