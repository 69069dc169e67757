/** A mean over seeds with its confidence interval. */
import { z } from 'zod';

export const intervalSchema = z.strictObject({
  mean: z.number(),
  /** Half the width of the 95 % interval; null for a single value, of which no spread is known. */
  margin: z.number().nullable(),
  count: z.int(),
});
export type Interval = z.infer<typeof intervalSchema>;

/** Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
] as const;

/** x̄ ± t₀.₉₇₅,ₙ₋₁ s/√n of at most 30 values; undefined where there is none, or one is not finite. */
export function intervalOf(values: readonly number[]): Interval | undefined {
  const count = values.length;
  if (count === 0 || !values.every(Number.isFinite)) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const t = studentT[count - 2];
  if (count > studentT.length + 1)
    throw new RangeError(`${count} values are more than the table of t knows.`);
  if (t === undefined) return { mean, margin: null, count };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, margin: t * Math.sqrt(variance / count), count };
}

/** Both ends; infinite where the margin is not known. */
export function endsOf({ mean, margin }: Interval): { readonly low: number; readonly high: number } {
  const half = margin ?? Infinity;
  return { low: mean - half, high: mean + half };
}
