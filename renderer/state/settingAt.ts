/** One setting of a recipe as it was typed, right or wrong, by its dotted path. */
import type { DraftRecipe } from '../../engine/contract/messages/recipes.ts';

export type Setting = DraftRecipe[string];

/** Undefined where it is left out. */
export function settingAt(values: DraftRecipe, path: string): Setting | undefined {
  let inner: Setting | undefined = values;
  for (const name of path.split('.')) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined;
    inner = Object.hasOwn(inner, name) ? inner[name] : undefined;
  }
  return inner;
}

/** The settings with one of them changed. */
export function withSetting(values: DraftRecipe, path: string, value: Setting): DraftRecipe {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...values, [name]: value };
  const inner = values[name];
  const section = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...values, [name]: withSetting(section, rest.join('.'), value) };
}
