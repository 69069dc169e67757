/** Recipes as others may see them: where things lie on this computer is left out, what they are called stays. */
import type { z } from 'zod';
import { insertProvenance, readProvenance } from '../../../engine/data/png.ts';

type Json = z.infer<ReturnType<typeof z.json>>;
type Names = Readonly<Record<string, Json | undefined>>;

const placed = ['teacher', 'data'] as const;

/** The recipe with names in place of paths: a reference or a bundled name stays, a path becomes its last part. */
export function namedRecipe<R extends Names>(recipe: R): R {
  const names = placed.flatMap((field) => {
    const value = recipe[field];
    return typeof value === 'string' ? [[field, lastPart(value)]] : [];
  });
  return { ...recipe, ...(Object.fromEntries(names) as Partial<R>) };
}

/**
 * Each recipe within the value, e.g. of a checkpoint's state, names its teacher and data as `names` does, which is the
 * recipe of the run that made it, and otherwise by the last part of their paths.
 */
export function withoutPaths(value: Json, names: Names = {}): Json {
  if (Array.isArray(value)) return value.map((inner) => withoutPaths(inner, names));
  if (value === null || typeof value !== 'object') return value;
  const clean: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const within = withoutPaths(inner, names);
    clean[key] = key === 'recipe' && isRecipe(within) ? namedRecipe(named(within, names)) : within;
  }
  return clean;
}

const isRecipe = (value: Json): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function named(recipe: Readonly<Record<string, Json>>, names: Names): Record<string, Json> {
  const changed = { ...recipe };
  for (const field of placed) {
    const name = names[field];
    if (field in recipe && name !== undefined) changed[field] = name;
  }
  return changed;
}

/** The same picture; the recipe that it carries names no path. */
export function pictureWithoutPaths(png: Buffer, names: Names = {}): Buffer {
  const made = readProvenance(png);
  if (!made) return png;
  const { recipe } = made;
  const named = withoutPaths({ recipe }, names);
  const clean = named !== null && typeof named === 'object' && 'recipe' in named ? named['recipe'] : null;
  return insertProvenance(png, { ...made, recipe: clean ?? null });
}

const lastPart = (value: string): string =>
  /[\\/]/.test(value) ? (value.split(/[\\/]/).at(-1) ?? '') : value;
