/** Which settings a fork offers to change, and what a person typed into them. */
import type { DraftRecipe } from '../../../engine/contract/messages/recipes.ts';
import { fields, leavesOf, type FieldInfo } from '../../../engine/contract/field.ts';
import { recipeSchema } from '../../../engine/contract/recipe.ts';
import { settingAt } from '../../state/settingAt.ts';

export interface ForkSetting {
  readonly path: string;
  readonly info: FieldInfo;
  /** As the parent has it. */
  readonly value: number | string;
}

export type Changes = Readonly<Record<string, number | string>>;

const usual = [
  'training.iterations',
  'cfgAugmentation.weight',
  'distributionMatching.weight',
  'fakeScore.learningRate',
  'fakeScore.stepsPerStudentStep',
  'optimizer.learningRate',
];

/** The usual ones, and those that are suggested besides. */
export function forkSettings(recipe: DraftRecipe, suggested: Changes): ForkSetting[] {
  const offered = [...usual, ...Object.keys(suggested).filter((path) => !usual.includes(path))];
  const leaves = new Map(leavesOf(recipeSchema).map(({ path, schema }) => [path, schema]));
  return offered.flatMap((path) => {
    const schema = leaves.get(path);
    const info = schema && fields.get(schema);
    const value = settingAt(recipe, path);
    return info && (typeof value === 'number' || typeof value === 'string') ? [{ path, info, value }] : [];
  });
}

/** What differs from the parent; `wrong` names the numbers that are none. */
export function changesOf(
  settings: readonly ForkSetting[],
  typed: Readonly<Record<string, string>>,
): { changes: Changes; wrong: string[] } {
  const read = settings.map(({ path, value }) => {
    const text = (typed[path] ?? '').trim().replace(',', '.');
    return {
      path,
      before: value,
      now: typeof value === 'number' ? (text === '' ? NaN : Number(text)) : text,
    };
  });
  return {
    changes: Object.fromEntries(
      read.filter(({ before, now }) => now !== before).map(({ path, now }) => [path, now]),
    ),
    wrong: read.filter(({ now }) => typeof now === 'number' && !Number.isFinite(now)).map(({ path }) => path),
  };
}
