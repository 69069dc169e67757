import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recipeReference, referenceFile } from '../../scripts/writeRecipeReference.ts';

test('the recipe reference is up to date; if not: node scripts/writeRecipeReference.ts', () => {
  expect(readFileSync(referenceFile, 'utf8')).toBe(recipeReference());
});

test('a field shows its flag, its default, its bounds with the unit, and its help', () => {
  const row = recipeReference()
    .split('\n')
    .find((line) => line.startsWith('| `training.batch`'));
  expect(row).toBe(
    '| `training.batch` | 32 | whole, 1 to 4096 images | **Batch.** Images an update; memory grows with it. |',
  );
});
