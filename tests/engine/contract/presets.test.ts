import { expect, it } from 'vitest';
import { presetRecipe, presets } from '../../../engine/contract/presets.ts';
import { parseRecipe } from '../../../engine/contract/recipe.ts';

it('every preset is a recipe with a name of its own', () => {
  const names = Object.values(presets).map(({ recipe }) => parseRecipe(recipe).name);
  expect(new Set(names).size).toBe(Object.keys(presets).length);
});

it('the presets switch on what they say', () => {
  expect(parseRecipe(presets.spearAlone.recipe).distributionMatching.weight).toBe(0);
  expect(parseRecipe(presets.shieldAlone.recipe).cfgAugmentation.weight).toBe(0);
  expect(parseRecipe(presets.fourSteps.recipe)).toMatchObject({
    student: { steps: 4 },
    renoising: { schedule: 'decoupled-hybrid' },
  });
});

it('an unknown preset is named, with those there are', () => {
  expect(() => presetRecipe('fastest')).toThrow('There is no preset “fastest”.');
});
