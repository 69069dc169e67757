/** Settings of a recipe replaced by dotted path; whether they fit is for the recipe's own parser to say. */
import { StudioError } from './errors.ts';
import type { DraftRecipe } from './messages/recipes.ts';
import { recipeLeaves } from './recipeProblems.ts';

/** By dotted path, e.g. `guidance.scale`. */
export type RecipeChanges = DraftRecipe;

/** A section that is not there yet is made. @throws StudioError 'recipe-invalid' where a path leads through a value. */
export function withChanges(recipe: DraftRecipe, changes: RecipeChanges): DraftRecipe {
  const changed = structuredClone(recipe);
  for (const [field, value] of Object.entries(changes)) {
    const names = field.split('.');
    const last = names.pop() ?? '';
    let section: DraftRecipe = changed;
    for (const name of names) {
      const inner = Object.hasOwn(section, name) ? section[name] : (section[name] = {});
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) throw unknownField(field);
      section = inner;
    }
    section[last] = value;
  }
  return changed;
}

/** @throws StudioError 'recipe-invalid' for a path that is no setting, with the nearest one that is. */
export function requireField(path: string): void {
  if (!recipeLeaves.some((leaf) => leaf.path === path)) throw unknownField(path);
}

function unknownField(path: string): StudioError {
  const paths = recipeLeaves.map((leaf) => leaf.path);
  const nearest = paths.toSorted((a, b) => distance(path, a) - distance(path, b))[0] ?? '';
  return new StudioError(
    'recipe-invalid',
    `The recipe has no field “${path}”; the nearest is ${nearest}.`,
    'Nothing was started.',
    { field: path },
  );
}

/** Letters to insert, delete or replace (Levenshtein); case counts half. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const [x, y] = [a[i - 1] ?? '', b[j - 1] ?? ''];
      const cost = x === y ? 0 : x.toLowerCase() === y.toLowerCase() ? 0.5 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
