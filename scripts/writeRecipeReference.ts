/**
 * Writes docs/recipe-reference.md, every field of both recipes as a table, from their schemas.
 *
 *   node scripts/writeRecipeReference.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { fields, leavesOf } from '../engine/contract/field.ts';
import { recipeSchema } from '../engine/contract/recipe.ts';
import { teacherRecipeSchema } from '../engine/contract/teacherRecipe.ts';

export const referenceFile = fileURLToPath(new URL('../docs/recipe-reference.md', import.meta.url));

export function recipeReference(): string {
  return `# Recipe reference

Every field of the two recipes: as a key of the JSON file (\`{"student": {"steps": 4}}\`) and as a flag
(\`--student.steps 4\`). Fields that are left out have the default. Written by \`scripts/writeRecipeReference.ts\`
from the schemas in \`engine/contract\`, so change it there.

## Distillation (\`stillroom distil\`)

${table(recipeSchema)}

## Teacher (\`stillroom train-teacher\`)

${table(teacherRecipeSchema)}
`;
}

function table(schema: z.ZodObject): string {
  const rows = leavesOf(schema).map(({ path, schema: leaf }) => {
    const { label = '', help = '', unit } = fields.get(leaf) ?? {};
    const { default: standard, ...values } = jsonSchemaSchema.parse(z.toJSONSchema(leaf));
    const allowed = unit === undefined ? describeValues(values) : `${describeValues(values)} ${unit}`;
    return [`\`${path}\``, JSON.stringify(standard).replaceAll('"', ''), allowed, `**${label}.** ${help}`];
  });
  const cells = [['field', 'default', 'values', 'what it does'], ['---', '---', '---', '---'], ...rows];
  return cells.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** As much of JSON Schema as our fields come to. */
const jsonSchemaSchema = z.object({
  default: z.unknown(),
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  multipleOf: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
});

function describeValues(schema: Omit<z.output<typeof jsonSchemaSchema>, 'default'>): string {
  const { type, minimum, exclusiveMinimum, maximum, multipleOf, minLength, maxLength } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.join(', ');
  switch (type) {
    case 'boolean':
      return 'true or false';
    case 'string':
      return `${minLength ?? 0} to ${maxLength ?? 'any number of'} characters`;
    case 'integer':
    case 'number': {
      const low = exclusiveMinimum === undefined ? `${minimum ?? 'any'}` : `above ${exclusiveMinimum}`;
      const step = multipleOf === undefined ? '' : `, in steps of ${multipleOf}`;
      const kind = type === 'integer' ? 'whole, ' : '';
      return `${kind}${low} to ${maximum ?? 'any'}${step}`;
    }
    case undefined:
    default:
      throw new Error(`fields of type ${type ?? 'unknown'} cannot be described yet`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(referenceFile, recipeReference());
