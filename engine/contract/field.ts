/** What a form, a help text and the command line know about a setting, kept beside its schema. */
import { z } from 'zod';

export interface FieldInfo {
  readonly label: string;
  /** One or two plain sentences: what it does and which way to turn it. */
  readonly help: string;
  readonly unit?: string;
  /** The wizard page that shows it. */
  readonly step: 'data' | 'teacher' | 'student' | 'terms' | 'schedule' | 'training';
  /** Shown only in the expert view. */
  readonly expert?: boolean;
}

export const fields = z.registry<FieldInfo>();

/** Registers the information on the finished schema: metadata set before `.default()` would be lost. */
export function field<S extends z.ZodType>(schema: S, info: FieldInfo): S {
  fields.add(schema, info);
  return schema;
}

export interface Leaf {
  /** Dotted path, e.g. `guidance.scale`. */
  readonly path: string;
  readonly schema: z.ZodType;
}

/** Every leaf setting of an object schema, in order. */
export function leavesOf(schema: z.ZodObject, prefix = ''): Leaf[] {
  return Object.entries(schema.shape as z.ZodRawShape).flatMap(([name, value]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const inner = value instanceof z.ZodPrefault ? value.def.innerType : value;
    return inner instanceof z.ZodObject ? leavesOf(inner, path) : [{ path, schema: value as z.ZodType }];
  });
}

/** A section whose settings all have defaults, so that it may be left out whole. */
export function section<S extends z.ZodRawShape>(shape: S) {
  const schema = z.strictObject(shape);
  return schema.prefault({} as z.input<typeof schema>);
}
