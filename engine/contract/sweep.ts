/** Sweeps: one recipe in several variants, each with every seed, and teachers to compare with. Pure: nothing runs here. */
import { z } from 'zod';
import { StudioError } from './errors.ts';
import { fields } from './field.ts';
import { draftRecipeSchema } from './messages/recipes.ts';
import { parseRecipe, type Recipe } from './recipe.ts';
import { requireField, withChanges } from './recipeChanges.ts';
import { recipeLeaves } from './recipeProblems.ts';

const key = z.string().min(1).max(200);

/** A recipe's settings by dotted path that make this variant. */
export const variantSchema = z.strictObject({ key, name: key, changes: draftRecipeSchema });
export type Variant = z.infer<typeof variantSchema>;

/** The teacher itself, sampled by Euler's method; nothing is trained. */
export const baselineSchema = z.strictObject({
  key,
  name: key,
  steps: z.int().min(1).max(1000),
  guidance: z.number().min(1).max(30),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** More would not fit the table of Student's t, nor anybody's patience. */
const MOST_SEEDS = 30;
const MOST_CELLS = 1000;

export const sweepSchema = z.strictObject({
  name: key,
  /** Of `experiments.ts`; null for a sweep of one's own. */
  experiment: z.string().max(100).nullable(),
  recipe: draftRecipeSchema,
  variants: z.array(variantSchema),
  baselines: z.array(baselineSchema),
  seeds: z
    .array(z.int().min(0).max(0x7fffffff))
    .min(1)
    .max(MOST_SEEDS)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'each seed may be named once'),
  /** Of how many samples the students are measured, and at which τ teacher and fake score look at them. */
  measuring: z.strictObject({
    count: z.int().min(16).max(65_536),
    taus: z.array(z.number().min(0).max(1)).max(8),
  }),
});
export type Sweep = z.infer<typeof sweepSchema>;

/** Of how many samples students are measured: points are cheap. */
const SAMPLES: Readonly<Record<Scale, number>> = { toy: 4096, images: 160 };

export const measuringOf = (scale: Scale, taus: readonly number[] = []): Sweep['measuring'] => ({
  count: SAMPLES[scale],
  taus: [...taus],
});

/** Points in the plane, or pictures. */
export type Scale = 'toy' | 'images';

/** One run, or one sampling of the teacher. */
export interface Cell {
  /** Key of a variant or baseline. */
  readonly variant: string;
  readonly seed: number;
  /** Absent for a baseline. */
  readonly recipe?: Recipe;
  readonly baseline?: Baseline;
}

/**
 * All of a sweep's cells, seed after seed, so that the first row of pictures is complete early.
 *
 * @throws StudioError 'recipe-invalid' that names an unknown field or a wrong value, before anything runs.
 */
export function cellsOf({ recipe, variants, baselines, seeds }: Sweep): Cell[] {
  for (const { changes } of variants) Object.keys(changes).forEach(requireField);
  const count = (variants.length + baselines.length) * seeds.length;
  if (count === 0 || count > MOST_CELLS)
    throw new StudioError(
      'input-invalid',
      `A sweep has 1 to ${MOST_CELLS} runs, and this one ${count}; nothing was started.`,
      'Vary fewer fields, or name fewer values or seeds.',
    );
  return seeds.flatMap((seed) => [
    ...baselines.map((baseline) => ({ variant: baseline.key, seed, baseline })),
    ...variants.map(({ key: variant, name, changes }) => ({
      ...{ variant, seed },
      recipe: parseRecipe(withChanges(recipe, { ...changes, name: `${name}, seed ${seed}`, seed })),
    })),
  ]);
}

/** Every combination of the values, named by the fields' labels. @throws StudioError 'recipe-invalid' as `cellsOf`. */
export function variantsOf(vary: Readonly<Record<string, readonly z.core.util.JSONType[]>>): Variant[] {
  let variants: Variant[] = [{ key: '', name: '', changes: {} }];
  for (const [path, values] of Object.entries(vary)) {
    requireField(path);
    const leaf = recipeLeaves.find((candidate) => candidate.path === path);
    const label = (leaf && fields.get(leaf.schema)?.label) ?? path;
    variants = variants.flatMap(({ name, changes }) =>
      values.map((value) => {
        const named = [...(name === '' ? [] : [name]), `${label} ${shown(value)}`].join(' · ');
        return { key: named, name: named, changes: { ...changes, [path]: value } };
      }),
    );
  }
  return variants;
}

/** `3e-4` rather than `0.0003`. */
function shown(value: z.core.util.JSONType): string {
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value);
}
