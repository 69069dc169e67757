/** What a setting may be, read from its schema: for controls, and for sentences about what is wrong with it. */
import { z } from 'zod';

export type FieldBounds =
  | {
      readonly kind: 'number';
      readonly whole: boolean;
      readonly minimum: number;
      readonly maximum: number;
      /** The minimum itself is not allowed. */
      readonly above: boolean;
      readonly default: number;
    }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly default: string }
  | { readonly kind: 'text'; readonly most: number; readonly default: string }
  | { readonly kind: 'fixed'; readonly value: string };

const describedSchema = z.object({
  type: z.string().optional(),
  const: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().default(Number.MAX_VALUE),
  maxLength: z.int().default(Number.MAX_SAFE_INTEGER),
  default: z.unknown().optional(),
});

/** @throws Error for a kind of setting that recipes do not have. */
export function boundsOf(schema: z.ZodType): FieldBounds {
  const described = describedSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  const { type, maximum, minimum, exclusiveMinimum } = described;
  if (described.const !== undefined) return { kind: 'fixed', value: String(described.const) };
  if (described.enum)
    return { kind: 'choice', values: described.enum, default: z.string().parse(described.default) };
  if (type === 'string')
    return { kind: 'text', most: described.maxLength, default: z.string().parse(described.default) };
  if (type !== 'number' && type !== 'integer') throw new Error(`no control shows a setting of type ${type}`);
  return {
    ...{ kind: 'number', maximum, whole: type === 'integer' },
    minimum: minimum ?? exclusiveMinimum ?? -Number.MAX_VALUE,
    above: exclusiveMinimum !== undefined && minimum === undefined,
    default: z.number().parse(described.default),
  };
}

/** What is asked for, to stand after “needs”: `a whole number from 1 to 8`. */
export function askedFor(bounds: FieldBounds): string {
  switch (bounds.kind) {
    case 'number': {
      const { whole, above, minimum, maximum } = bounds;
      const from = above ? `above ${minimum}, at most` : `from ${minimum} to`;
      return `a ${whole ? 'whole ' : ''}number ${from} ${maximum}`;
    }
    case 'choice':
      return `one of ${bounds.values.join(', ')}`;
    case 'text':
      return `1 to ${bounds.most} characters`;
    case 'fixed':
      return bounds.value;
  }
}
